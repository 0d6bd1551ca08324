/** Light, dark, or as the system is: on this device at once, and with the account. */

import { prefer } from "../preferences.js";

const root = document.documentElement;

export function themeSwitch() {
  const fieldset = document.getElementById("theme");
  if (!fieldset) return;
  fieldset.hidden = false;
  fieldset.querySelector(`[value=${root.dataset.theme ?? "system"}]`).checked = true;
  fieldset.addEventListener("change", ({ target }) => choose(target.value, fieldset.dataset.me));
}

function choose(theme, url) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage can be forbidden; then the choice lasts as long as the page.
  }
  // Without the account knowing, this device does.
  prefer({ theme }, url).catch(() => {});
}
