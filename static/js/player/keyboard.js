/** Keys, where the player or nothing else has the focus. */

import { command, Leader } from "../keys.js";

const SLIDES = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);
const TYPING = "textarea, select, [contenteditable], dialog, input:not([type=range], [type=checkbox], [type=radio], [type=button])";

/** What has the focus keeps its own keys: words, menus, sliders, and buttons theirs. */
function keeps(target, key) {
  if (target.closest(TYPING)) return true;
  if (target.matches("[type=range], [role=slider]")) return SLIDES.has(key);
  return Boolean(target.closest("button, a, summary")) && (key === " " || key === "Enter");
}

export function keyboard(player) {
  const leader = new Leader();
  const ours = (target) => player.contains(target) || target === document.body || target === document.documentElement || target.id === "main";

  // On its way down, so that a key which the player takes has no second meaning in the page.
  player.on(
    document,
    "keydown",
    (event) => {
      const { target, key } = event;
      if (event.defaultPrevented || event.isComposing || player.hidden || document.querySelector("dialog[open]")) return;
      // The sheet may be asked for from anywhere in the page.
      const heard = ours(target) || key === "?";
      if (leader.claims(key, performance.now()) || !heard || keeps(target, key)) return;
      const single = key.length === 1 && key !== " ";
      if (single && !event.ctrlKey && player.preferences.get("keys") === false) return;
      const wish = command(event);
      if (!wish) return;
      const [[name, value]] = Object.entries(wish);
      if (player.act(name, value) === false) return;
      event.preventDefault();
      event.stopPropagation();
      player.wake();
    },
    { capture: true },
  );
}
