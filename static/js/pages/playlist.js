/**
 * A playlist's order: by dragging, by Alt with the arrows, and by the buttons, which without
 * this module send the whole page. The server says where a film is; here it only moves first.
 */

import { request } from "../http.js";
import { dragging } from "../playlist/dragging.js";
import { toast } from "../toasts.js";
import { refresh } from "./refresh.js";

const say = (words) => {
  document.getElementById("live").textContent = words;
};
const entries = () => document.getElementById("entries");
const rows = () => [...entries().children];

/** Where a row is in the whole list, which may have other pages. */
function placeOf(row) {
  return Number(entries().dataset.first) + rows().indexOf(row);
}

async function send(row, fields) {
  const form = row.querySelector("form");
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  let taken = true;
  try {
    await request("POST", form.action, { body, headers: { Accept: "text/html" } });
  } catch (error) {
    taken = false;
    toast(error.message, { bad: true });
  }
  // Nobody answers: what was not taken goes back to where the server last said it is.
  if (!(await refresh(["playlist-head", "films"])) && !taken) {
    entries().append(...rows().sort((one, other) => one.value - other.value));
  }
  return taken;
}

async function move(row, place, focused = null) {
  const { count, moved } = entries().dataset;
  const { title, video } = row.dataset;
  if (place < 1 || place > Number(count)) return;
  const index = place - Number(entries().dataset.first);
  const others = rows().filter((other) => other !== row);
  // Seen at once; another page of the list shows it after the answer.
  if (index >= 0 && index <= others.length) entries().insertBefore(row, others[index] ?? null);
  focused?.focus();
  const taken = await send(row, { act: "place", position: place });
  const now = document.getElementById(`item-${video}`);
  const again = focused?.matches("a") ? "a" : focused && `button[value=${focused.value}]`;
  const target = again && now?.querySelector(again);
  (target?.disabled ? now.querySelector("button:not(:disabled)") : target)?.focus();
  if (taken) say(moved.replace("{title}", title).replace("{place}", place).replace("{count}", count));
}

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const row = event.target.closest?.(".entry");
  if (!step || !row || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(row, placeOf(row) + step, event.target.closest("a, button") ?? row.querySelector("a, button"));
});

document.addEventListener("submit", (event) => {
  const row = event.target.closest(".entry");
  const { submitter } = event;
  // Taking a film out is told with its way back, by the page that follows.
  if (!row || !submitter || submitter.value === "remove") return;
  event.preventDefault();
  const wished = Number(row.querySelector("[name=position]").value);
  const place = { up: placeOf(row) - 1, down: placeOf(row) + 1, place: wished }[submitter.value];
  row.querySelector("details").open = false;
  move(row, place, submitter.value === "place" ? row.querySelector("a, button") : submitter);
});

dragging({ list: entries, onDropped: (row) => move(row, placeOf(row)) });
