/** What a button is called, and its key: on hover and on focus, gone with Escape. */

import { inside } from "./bar.js";

const WAIT = 350;

export function tips(player) {
  const { frame } = player;
  const tip = player.$(".fp-tip");
  const [words, key] = tip.children;
  let timer = null;

  function show(button) {
    if (!button.isConnected || button.hidden) return;
    words.textContent = button.dataset.tip ?? button.getAttribute("aria-label") ?? "";
    key.textContent = button.dataset.key ?? "";
    key.hidden = !button.dataset.key;
    if (!words.textContent) return;
    tip.hidden = false;
    const [outer, box] = [frame.getBoundingClientRect(), button.getBoundingClientRect()];
    const at = box.left - outer.left + box.width / 2;
    tip.style.setProperty("--left", `${inside(at, tip.offsetWidth + 16, outer.width) + 8}px`);
    const above = box.top - outer.top - tip.offsetHeight - 6;
    tip.style.setProperty("--top", `${above < 0 ? box.bottom - outer.top + 6 : above}px`);
  }
  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
  };
  const named = ({ target }) => target.closest?.(".fp-row button, .fp-mini-bar button");

  player.on(frame, "pointerover", (event) => {
    const button = event.pointerType === "mouse" && named(event);
    clearTimeout(timer);
    if (button) timer = setTimeout(() => show(button), tip.hidden ? WAIT : 0);
    // The tip itself can be pointed at.
    else if (!tip.contains(event.target)) hide();
  });
  player.on(frame, "pointerleave click", hide);
  player.on(frame, "focusin", (event) => {
    const button = named(event);
    if (button?.matches(":focus-visible")) show(button);
  });
  player.on(frame, "focusout", hide);
  player.on(document, "keydown", ({ key: pressed }) => pressed === "Escape" && hide());
}
