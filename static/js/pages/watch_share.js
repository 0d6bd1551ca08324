/** The link to share: of the whole film, from a moment on, or of a part. */

import { partLink, seconds } from "../player/moments.js";
import { clock } from "../words.js";

const $ = (name) => document.getElementById(`share-${name}`);

export function sharing(dialog, { video, opener }) {
  const [link, from, fromAt, to, toAt, wrong] = ["link", "from", "from-at", "to", "to-at", "wrong"].map($);
  const copy = dialog.querySelector("[data-copy]");
  let typed = false;

  /** What is asked for, or the name of what is wrong with it. */
  function asked() {
    if (!from) return {};
    const start = from.checked ? seconds(fromAt.value) : null;
    const end = to.checked ? seconds(toAt.value) : null;
    if ((from.checked && start === null) || (to.checked && end === null)) return { wrong: "moment" };
    if (end !== null && end <= (start ?? 0)) return { wrong: "order" };
    return { start, end };
  }
  function show() {
    const { start = null, end = null, wrong: reason } = asked();
    if (wrong) {
      wrong.hidden = !reason;
      wrong.textContent = reason ? wrong.dataset[reason] : "";
    }
    copy.disabled = Boolean(reason);
    if (!reason) link.value = copy.dataset.copy = partLink(new URL(dialog.dataset.link, location.href), start, end);
  }
  /** Until somebody types a moment, it is the one that plays. */
  function follow() {
    if (!dialog.open || typed || !fromAt) return;
    fromAt.value = clock(video().currentTime);
    show();
  }

  opener.addEventListener("click", () => {
    typed = false;
    if (to && !to.checked) toAt.value = clock(video().duration || 0);
    dialog.showModal();
    follow();
    show();
    link.select();
  });
  dialog.addEventListener("input", ({ target }) => {
    if (target === fromAt) typed = from.checked = true;
    if (target === toAt) to.checked = true;
    show();
  });
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  show();
  // A link of another page leads to what is shared here.
  if (location.hash === `#${dialog.id}`) opener.click();
  return { follow };
}
