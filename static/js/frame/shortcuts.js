/**
 * Keys that work on every page. What keys lead to carries them as `data-keys`, with commas
 * between them, so the addresses stay the server's; `/` and `?` have places of their own.
 */

import { preferences } from "../preferences.js";
import { Sequence } from "../sequence.js";

export function shortcuts() {
  const sheet = document.getElementById("keys");
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-open-keys]")) show(sheet);
  });
  if (preferences().keys === false) return;
  const sequence = new Sequence();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isTyping(event) || hasDialog()) return;
    const led = sequence.after(event.key, choices(sheet));
    if (!led) return;
    event.preventDefault();
    led();
  });
}

function choices(sheet) {
  const found = new Map();
  for (const element of document.querySelectorAll("[data-keys]")) {
    for (const keys of element.dataset.keys.split(", ")) found.set(keys, () => element.click());
  }
  const search = document.getElementById("q");
  if (search) found.set("/", () => (search.focus(), search.select()));
  // A player has a sheet of its own, with these keys in it.
  if (sheet && !document.querySelector("film-player")) found.set("?", () => show(sheet));
  return found;
}

function show(sheet) {
  sheet?.closest("body").querySelectorAll(".menu[open]").forEach((menu) => (menu.open = false));
  sheet?.showModal();
}

function isTyping({ target, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return true;
  return Boolean(target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}

function hasDialog() {
  return Boolean(document.querySelector("dialog[open]"));
}
