/**
 * Titles typed while a film is still arriving. An upload keeps the title it began with, so
 * a new one is kept in this browser until there is a film to give it to.
 */

import { recall, remember } from "./storage.js";

export class Titles {
  #wishes = recall("titles", {});
  #giving = new Set();

  /** `give(film, title)` gives a film that is there its new title. */
  constructor(give) {
    this.give = give;
  }

  of(upload) {
    return this.#wishes[upload.id] ?? upload.title;
  }

  keep(film) {
    if (!film.upload) return;
    this.#wishes[film.upload.id] = film.title;
    remember("titles", this.#wishes);
    this.settle(film);
  }

  async settle(film) {
    const { id, video } = film.upload;
    const title = this.#wishes[id];
    if (title === undefined || !video || this.#giving.has(id)) return;
    this.#giving.add(id);
    try {
      await this.give(film, title);
      film.upload.title = title;
    } catch {
      film.title = film.upload.title;
    } finally {
      this.#giving.delete(id);
    }
    if (this.#wishes[id] === title) delete this.#wishes[id];
    remember("titles", this.#wishes);
  }
}
