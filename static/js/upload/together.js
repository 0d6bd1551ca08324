/** All films of this sitting together: how far, how fast, and whether the page may be closed. */

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
    const parts = [`${received} of ${films.length} received`, `${size(here)} of ${size(all)}`];
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
    if (good.length) this.onFinished(good.length === 1 ? `“${good[0].upload.title}” is stored.` : `${good.length} films are stored.`);
  }
}

function leaving(open, busy) {
  if (busy) return "Keep this page open: bytes are leaving this device.";
  if (open.every(({ upload }) => upload?.state === "received")) return "Everything is received. You can close this page.";
  return "";
}

function over(upload) {
  return ["refused", "expired", "cancelled"].includes(upload?.state);
}

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
