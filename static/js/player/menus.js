/** Dialogs over the film: one at a time, focus kept inside and given back, Escape and a click beside close. */

const GAP = 10;

export function menus(player) {
  const { frame, acts } = player;
  const menu = (name) => frame.querySelector(`dialog[data-menu=${name}]`);
  const openers = new WeakMap();

  /** Above its button where there is room; in the middle where it has none. On phones CSS puts it below. */
  function put(dialog, opener) {
    const box = opener?.getBoundingClientRect();
    const [width, height] = [dialog.offsetWidth, dialog.offsetHeight];
    const [wide, high] = [innerWidth, innerHeight];
    const left = box?.width ? box.right - width : (wide - width) / 2;
    const top = box?.width ? box.top - height - GAP : (high - height) / 2;
    dialog.style.setProperty("--left", `${Math.max(GAP, Math.min(left, wide - width - GAP))}px`);
    dialog.style.setProperty("--top", `${Math.max(GAP, Math.min(top, high - height - GAP))}px`);
  }

  player.openMenu = (name, opener = null) => {
    const dialog = menu(name);
    if (!dialog || dialog.open) return;
    const before = document.activeElement;
    for (const other of frame.querySelectorAll("dialog[open]")) other.close();
    openers.set(dialog, opener ?? before);
    player.tell("film-menu", name);
    dialog.showModal();
    put(dialog, opener);
    const first = dialog.querySelector("[type=radio]:checked") ?? dialog.querySelector("button");
    first?.focus();
    opener?.setAttribute("aria-expanded", "true");
    player.wake();
  };

  const button = (act) => player.$(`.fp-row [data-act=${act}]`);
  acts["captions-menu"] = () => player.openMenu("captions", button("captions-menu"));
  acts["settings-menu"] = () => player.openMenu("settings", button("settings-menu"));
  acts.sheet = () => player.openMenu("sheet");

  for (const dialog of frame.querySelectorAll("dialog.fp-menu")) {
    player.on(dialog, "close", () => {
      const opener = openers.get(dialog);
      opener?.removeAttribute?.("aria-expanded");
      if (!frame.querySelector("dialog[open]") && opener?.isConnected) opener.focus({ preventScroll: true });
      player.wake();
    });
    player.on(dialog, "click", (event) => {
      if (event.target.closest("[data-close]") || (event.target === dialog && beside(dialog, event))) dialog.close();
    });
    player.on(dialog, "keydown", (event) => event.key === "Tab" && turn(dialog, event));
  }
  player.on(window, "resize", () => {
    for (const dialog of frame.querySelectorAll("dialog[open]")) put(dialog, button(`${dialog.dataset.menu}-menu`));
  });
}

function beside(dialog, { clientX, clientY }) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

/** Tab goes round inside. Of radio buttons only the chosen one is a stop. */
function turn(dialog, event) {
  const stops = [...dialog.querySelectorAll("button, input, select, a[href]")].filter(
    (one) => one.offsetParent && !one.disabled && (one.type !== "radio" || one.checked),
  );
  const [first, last] = [stops[0], stops.at(-1)];
  const edge = event.shiftKey ? first : last;
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}
