/** Selecting films of the list: the boxes, the bar below, and what is sent from it. */

import { filled, ngettext } from "../gettext.js";
import { Selection } from "./selection.js";

export class Picking {
  #selection = new Selection();

  constructor(shelf, bar) {
    Object.assign(this, { shelf, bar });
    if (!bar) return;
    shelf().parentElement.addEventListener("click", (event) => this.#clicked(event));
    bar.querySelector("[data-all]").addEventListener("click", () => this.all());
    bar.querySelector("[data-none]").addEventListener("click", () => this.none());
    // A page that comes back from history comes back with its boxes.
    addEventListener("pageshow", () => this.#adopt());
    this.show();
  }

  /** The box of the film with the focus. */
  toggle(card, { stretch = false } = {}) {
    const box = card.querySelector("[data-pick]");
    if (!box) return;
    this.#selection.toggle(box.value, this.#shown(), { stretch });
    this.show();
  }

  all() {
    if (!this.bar) return;
    this.#selection.all(this.#shown());
    this.show();
  }

  none() {
    if (!this.bar) return;
    this.#selection.none();
    this.show();
  }

  get any() {
    return this.#selection.size > 0;
  }

  /** After the list was drawn anew too. */
  show() {
    if (!this.bar) return;
    for (const box of this.#boxes()) box.checked = this.#selection.has(box.value);
    const total = Number(this.shelf().dataset.total);
    const { size, everything } = this.#selection;
    const count = everything ? total : size;
    this.shelf().classList.toggle("selecting", count > 0);
    this.bar.classList.toggle("on", count > 0);
    const words = ngettext("%(count)s film", "%(count)s films", count);
    this.bar.querySelector("[data-count]").textContent = filled(words, { count: count.toLocaleString() });
    this.bar.querySelector("[data-all]").hidden = everything || count >= total;
    this.bar.querySelector("[data-everything]").value = everything ? "1" : "";
  }

  #clicked(event) {
    const box = event.target.closest("[data-pick]");
    if (!box) return;
    this.#selection.toggle(box.value, this.#shown(), { stretch: event.shiftKey });
    this.show();
  }

  #adopt() {
    for (const box of this.#boxes()) {
      if (box.checked !== this.#selection.has(box.value)) this.#selection.toggle(box.value, this.#shown());
    }
    this.show();
  }

  #boxes() {
    return [...this.shelf().querySelectorAll("[data-pick]")];
  }

  #shown() {
    return this.#boxes().map((box) => box.value);
  }
}
