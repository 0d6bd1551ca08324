/** What this browser remembers between visits. Storage can be forbidden or full: then it forgets. */
export function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // See above.
  }
}

const MOST = 200;

/** Ids that this browser remembers; of very many, the latest. */
export class Ids {
  #key;
  #ids;

  constructor(key) {
    this.#key = key;
    this.#ids = new Set(recall(key, []));
  }

  has(id) {
    return this.#ids.has(id);
  }

  add(id) {
    this.#ids.add(id);
    remember(this.#key, [...this.#ids].slice(-MOST));
  }
}
