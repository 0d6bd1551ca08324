/** Buttons that copy: `data-copy` is the text. */

import { gettext } from "../gettext.js";
import { toast } from "../toasts.js";

export function copying() {
  // Only secure pages may write to the clipboard; elsewhere the text can be selected.
  if (!navigator.clipboard) return;
  document.documentElement.classList.add("can-copy");
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    toast(button.dataset.copied ?? gettext("Copied."));
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
}
