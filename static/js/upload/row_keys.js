/** The keys of a focused row. What is inside a row has keys of its own. */

const OFFERS = { " ": ["pause", "resume", "goon", "choose"], Delete: ["cancel", "dismiss"], Backspace: ["cancel", "dismiss"], Enter: ["watch", "original"] };
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
export const KEYS = "Space Alt+ArrowUp Alt+ArrowDown Delete Enter";

/** What is wished for: `{press: names}`, `{move: by}`, `{focus: by}`; null where the key is not ours. */
export function wish({ key, altKey, ctrlKey, metaKey, shiftKey }) {
  if (ctrlKey || metaKey || shiftKey) return null;
  if (key in STEPS) return altKey ? { move: STEPS[key] } : { focus: STEPS[key] };
  return !altKey && key in OFFERS ? { press: OFFERS[key] } : null;
}

/** `move(film, by)` changes the order. */
export function rowKeys(root, { move }) {
  root.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!row.matches("[data-row]")) return;
    const wished = wish(event);
    if (!wished) return;
    event.preventDefault();
    if (wished.move) move(row.film, wished.move);
    else if (wished.focus) neighbour(root, row, wished.focus)?.focus();
    else press(row, wished.press);
  });
}

function press(row, names) {
  const offered = names.map((name) => row.querySelector(`[data-offer="${name}"]:not([hidden])`)).find(Boolean);
  // A film that cannot be opened yet shows what is said of it.
  if (offered) offered.click();
  else if (names.includes("watch")) row.querySelector("[data-about]").open = true;
}

function neighbour(root, row, by) {
  const rows = [...root.querySelectorAll("[data-row]")];
  return rows[rows.indexOf(row) + by];
}
