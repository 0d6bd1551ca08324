/** The keys of a list of films: arrows move, letters do something to the film with the focus. */

import { preferences } from "../preferences.js";
import { columnsOf, neighbour } from "./moving.js";

const CARD = ".card, .card-row";
const LEFT = "shelf left at";

export function listKeys(shelf, picking) {
  back([...shelf().querySelectorAll(CARD)]);
  document.addEventListener("keydown", (event) => {
    const card = document.activeElement?.closest(CARD);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(document.activeElement) || document.querySelector("dialog[open], .menu[open]")) return;
    if (event.key === "Escape" && picking.any) return picking.none();
    const led = card && shelf().contains(card) ? onCard(event, card, shelf(), picking) : false;
    if (led || (event.key === "a" && letters() && picking.bar && !picking.all())) event.preventDefault();
  });
  // The key of the menu, and Shift+F10; a right click keeps the browser's own menu.
  document.addEventListener("contextmenu", (event) => {
    const card = event.target.closest?.(CARD);
    if (!card || event.button === 2 || event.pointerType === "touch") return;
    if (openMenu(card)) event.preventDefault();
  });
}

function onCard(event, card, shelf, picking) {
  const cards = [...shelf.querySelectorAll(CARD)];
  // In the row of a table sideways is nowhere.
  const columns = columnsOf(cards.map((one) => one.getBoundingClientRect().top));
  const to = neighbour(event.key, cards.indexOf(card), cards.length, columns);
  if (to !== null) {
    if (event.shiftKey) picking.toggle(cards[to], { stretch: true });
    focus(cards[to]);
    return true;
  }
  if (event.key === "Delete") {
    if (card.querySelector("[data-trash]")) leave(cards.indexOf(card));
    return press(card, "[data-trash]");
  }
  return letters() && letter(event, card, picking);
}

function letter({ key, shiftKey }, card, picking) {
  if (key.toLowerCase() === "x") return picking.bar && !picking.toggle(card, { stretch: shiftKey });
  if (key === "i") return press(card, "[data-details]");
  if (key === "s") return press(card, "[data-share]");
  if (key === ".") return openMenu(card);
  return false;
}

/** The page that follows begins with the film that comes after the one that went. */
function leave(index) {
  try {
    sessionStorage.setItem(LEFT, String(index));
  } catch {
    // Storage can be forbidden: then the page begins at its top.
  }
}

function back(cards) {
  let index = null;
  try {
    index = sessionStorage.getItem(LEFT);
    sessionStorage.removeItem(LEFT);
  } catch {
    // As above.
  }
  const card = index !== null && cards[Math.min(Number(index), cards.length - 1)];
  if (card) focus(card);
}

/** Keys of one letter can be switched off. */
function letters() {
  return preferences().keys !== false;
}

function focus(card) {
  card.querySelector(".card-title a, .row-film").focus();
  card.scrollIntoView({ block: "nearest" });
}

function openMenu(card) {
  const menu = card.querySelector(".card-menu");
  if (!menu) return false;
  menu.open = true;
  menu.querySelector("a").focus();
  return true;
}

function press(card, selector) {
  const target = card.querySelector(selector);
  target?.click();
  return Boolean(target);
}

function typing(element) {
  return Boolean(element?.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}
