/** Keys that are pressed one after the other, such as "g l". Pure but for the clock. */

const TOGETHER = 1_200;

export class Sequence {
  #first = "";
  #at = 0;

  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /** What `choices` (a Map from "a" or "a b") holds for the keys pressed so far, or null. */
  after(key, choices) {
    const first = this.now() - this.#at < TOGETHER ? this.#first : "";
    this.#first = "";
    const both = first && choices.get(`${first} ${key}`);
    if (both) return both;
    if (choices.has(key)) return choices.get(key);
    if ([...choices.keys()].some((keys) => keys.startsWith(`${key} `))) {
      this.#first = key;
      this.#at = this.now();
    }
    return null;
  }
}
