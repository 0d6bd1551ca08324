/** What happened to a film on its way, in its row: all of it, or of one step. */

import { getJson } from "../http.js";

const STAGES = { prove: ["verify", "prove"] };

/** `urlOf(upload)` is where it is asked for. */
export function logs(root, urlOf) {
  root.addEventListener("click", async ({ target }) => {
    const row = target.closest("[data-row]");
    if (!row) return;
    if (target.closest("[data-close-log]")) close(row);
    const step = target.closest("[data-step]");
    if (!step || !row.film.upload) return;
    const wasOpen = step.querySelector("button").getAttribute("aria-expanded") === "true";
    close(row);
    if (!wasOpen) await open(row, step, urlOf(row.film.upload));
  });
  root.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (event.key !== "Escape" || !row || row.querySelector("[data-log]").hidden) return;
    event.stopPropagation();
    close(row);
  });
}

async function open(row, step, url) {
  const name = step.dataset.step;
  step.querySelector("button").setAttribute("aria-expanded", "true");
  const box = row.querySelector("[data-log]");
  row.querySelector("[data-log-title]").textContent = step.querySelector("[data-step-words]").textContent;
  const { items } = await getJson(url);
  const told = items.filter(({ stage }) => (STAGES[name] ?? [name]).includes(stage));
  row.querySelector("[data-entries]").replaceChildren(...told.map(entry));
  row.querySelector("[data-log-none]").hidden = told.length > 0;
  box.hidden = false;
}

function close(row) {
  const open = row.querySelector('.step[aria-expanded="true"]');
  if (row.querySelector("[data-log]").contains(document.activeElement)) open?.focus();
  open?.setAttribute("aria-expanded", "false");
  row.querySelector("[data-log]").hidden = true;
}

function entry({ at, words }) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  const when = new Date(at);
  time.dateTime = at;
  time.title = when.toLocaleString();
  time.textContent = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  item.append(time, ` ${words}`);
  return item;
}
