/** Which films of a list are selected: one at a time, a stretch of them, or all that match. Pure. */

export class Selection {
  #ids = new Set();
  #last = null;
  /** All films that match, also those of pages which are not shown. */
  everything = false;

  get size() {
    return this.#ids.size;
  }

  has(id) {
    return this.everything || this.#ids.has(id);
  }

  /** Select `id` or take it out; with `stretch` do the same to all between it and the last one. */
  toggle(id, shown, { stretch = false } = {}) {
    const on = !this.has(id);
    if (this.everything) this.#only(shown);
    for (const one of stretch ? this.#between(id, shown) : [id]) {
      if (on) this.#ids.add(one);
      else this.#ids.delete(one);
    }
    this.#last = id;
  }

  all(shown) {
    for (const id of shown) this.#ids.add(id);
    this.everything = true;
  }

  none() {
    this.#ids.clear();
    this.#last = null;
    this.everything = false;
  }

  /** Taking one film out of all leaves those that can be seen. */
  #only(shown) {
    this.everything = false;
    this.#ids = new Set(shown);
  }

  #between(id, shown) {
    const from = shown.indexOf(this.#last);
    const to = shown.indexOf(id);
    if (from < 0) return [id];
    return shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  }
}
