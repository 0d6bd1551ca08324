/** How fast something goes: the mean of the last five seconds. Pure but for the clock. */

const SPAN = 5_000;

export class Pace {
  #seen = [];

  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /** So many bytes are confirmed by now. Fewer than before is a new beginning. */
  add(bytes) {
    const at = this.now();
    const last = this.#seen.at(-1);
    if (last && bytes < last.bytes) this.#seen = [];
    if (!this.#seen.length || bytes > this.#seen.at(-1).bytes) this.#seen.push({ at, bytes });
    // One from before the span stays, so that the span is whole.
    while (this.#seen.length > 2 && this.#seen[1].at <= at - SPAN) this.#seen.shift();
  }

  clear() {
    this.#seen = [];
  }

  /** Bytes a second; 0 where nothing has moved for the whole span. */
  get speed() {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    const now = this.now();
    if (!first || first === last || now - last.at > SPAN) return 0;
    return ((last.bytes - first.bytes) * 1000) / Math.max(now - first.at, 1);
  }

  /** Seconds until `total`, or null. */
  left(total) {
    const { speed } = this;
    const last = this.#seen.at(-1);
    return speed > 0 && total ? Math.max(0, (total - last.bytes) / speed) : null;
  }
}
