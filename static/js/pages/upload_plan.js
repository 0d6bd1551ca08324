/**
 * Money before action: what chosen films would cost is shown before a byte of them is sent,
 * where storing costs anything.
 */

import { request } from "../http.js";
import { size } from "../words.js";

const box = document.getElementById("plan");
const part = (name) => box.querySelector(`[data-${name}]`);
let chosen = [];
let begin = null;

/** Show what `files` cost; `go` is called with all that are shown, once a person agrees. */
export function propose(files, go) {
  if (!box) {
    go(files);
    return;
  }
  chosen = [...chosen, ...files];
  begin = go;
  if (chosen.length) show();
}

async function show() {
  const files = chosen;
  box.hidden = false;
  list(files, files.map(() => ""));
  part("sentence").textContent = "Asking what this costs …";
  part("go").textContent = files.length === 1 ? "Upload this film" : `Upload ${files.length} films`;
  const found = await quote(files.map((file) => file.size));
  // Others were chosen meanwhile: theirs is on its way.
  if (files !== chosen) return;
  tell(files, found);
  box.scrollIntoView({ block: "nearest" });
}

async function quote(sizes) {
  try {
    return await (await request("POST", box.dataset.quotes, { json: { sizes } })).json();
  } catch (error) {
    return { sentence: `What this costs is not known now. ${error.message}`, action: "", problem: "unknown", films: [] };
  }
}

function tell(files, { sentence, action, problem, copies, films }) {
  list(files, films.map(({ per_month: amount }) => (amount === null ? "" : `${shown(amount)} USDFC a month`)));
  part("sentence").textContent = copies ? `With ${copies} copies: ${sentence}` : sentence;
  part("action").textContent = action;
  part("action").hidden = !action;
  part("action").classList.toggle("warning", Boolean(problem));
}

function list(files, costs) {
  const items = files.map((file, index) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const facts = document.createElement("span");
    facts.className = "hint";
    facts.textContent = [size(file.size), costs[index]].filter(Boolean).join(" · ");
    item.append(name, facts);
    return item;
  });
  part("files").replaceChildren(...items);
}

/** With as many decimals as tell it from nothing. */
function shown(amount) {
  const value = Number(amount);
  return value === 0 || value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

function close() {
  chosen = [];
  box.hidden = true;
}

box?.addEventListener("click", ({ target }) => {
  if (target.closest("[data-go]")) {
    const files = chosen;
    close();
    begin(files);
  } else if (target.closest("[data-drop]")) close();
});
