/** All films of this sitting together: how far, how fast, and whether the page may be closed. */

import { filled, gettext, ngettext } from "../gettext.js";
import { isFinished } from "../row.js";
import { size, timeLeft } from "../words.js";
import { Total, work } from "./total.js";

export class Together {
  #total = new Total();

  constructor(box, { list, sending, weights, onFinished }) {
    Object.assign(this, { box, list, sending, weights, onFinished });
  }

  show() {
    const films = [...this.list.batch].filter(({ upload, job }) => job || upload);
    const open = films.filter(({ upload }) => !isFinished(upload) && !over(upload));
    this.box.hidden = !open.length;
    if (!open.length) {
      if (films.length) this.#end(films);
      return;
    }
    const uploads = films.map(({ upload }) => upload).filter((upload) => upload && !over(upload));
    this.box.querySelector("progress").value = this.#total.show(work(uploads, this.weights));
    text(this.box.querySelector("[data-total-words]"), this.#words(films));
    text(this.box.querySelector("[data-leaving]"), leaving(open, this.sending.busy));
  }

  #words(films) {
    const sizes = films.map(({ upload, job }) => upload?.length ?? job?.file.size ?? 0);
    const all = sizes.reduce((sum, length) => sum + length, 0);
    const here = films.reduce((sum, { upload }) => sum + (upload?.offset ?? 0), 0);
    const received = films.filter(({ upload }) => upload?.state === "received").length;
    const parts = [
      filled(ngettext("%(received)s of %(count)s received", "%(received)s of %(count)s received", films.length), { received, count: films.length }),
      filled(gettext("%(here)s of %(all)s"), { here: size(here), all: size(all) }),
    ];
    const speed = films.reduce((sum, { upload, pace }) => sum + (upload?.state === "receiving" ? pace.speed : 0), 0);
    if (here < all && speed) {
      parts.push(`${size(speed)}/s`);
      const left = timeLeft((all - here) / speed);
      if (left) parts.push(left);
    }
    return parts.join(" · ");
  }

  #end(films) {
    this.list.batch.clear();
    this.#total = new Total();
    const good = films.filter(({ upload }) => isFinished(upload));
    if (good.length) this.onFinished(stored(good));
  }
}

function stored({ length: count, 0: { upload } }) {
  if (count === 1) return filled(gettext("“%(title)s” is stored."), upload);
  return filled(ngettext("%(count)s film is stored.", "%(count)s films are stored.", count), { count });
}

function leaving(open, busy) {
  if (busy) return gettext("Keep this page open: bytes are leaving this device.");
  if (open.every(({ upload }) => upload?.state === "received")) return gettext("Everything is received. You can close this page.");
  return "";
}

function over(upload) {
  return ["refused", "expired", "cancelled"].includes(upload?.state);
}

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
