/**
 * How much goes into one request, and when the next may leave: chunks grow and shrink with
 * the link, and a limit holds for all films together. Pure but for the clock and waiting.
 */

import { pause } from "../backoff.js";

const MIB = 1024 * 1024;
const [LEAST, MOST] = [5 * MIB, 16 * MIB];
// A chunk that is lost is sent again, so it should not take much longer than this.
const SECONDS = 4;
const LEAST_LIMITED = 256 * 1024;

export class Pacing {
  #size;
  #free = 0;

  /** `most` is the server's; where it is small, chunks are just that. */
  constructor(most, { now = () => performance.now(), wait = pause } = {}) {
    Object.assign(this, { now, wait, rate: 0 });
    this.most = Math.min(most, MOST);
    this.#size = Math.min(most, 2 * LEAST);
  }

  /** Bytes a second, for everything that this page sends; 0 is no limit. */
  limit(rate) {
    this.rate = rate;
    this.#free = this.now();
  }

  get size() {
    return this.rate ? Math.min(this.#size, Math.max(LEAST_LIMITED, this.rate)) : this.#size;
  }

  /** Wait for the turn of so many bytes. */
  async before(bytes, signal) {
    if (!this.rate) return;
    const begins = Math.max(this.#free, this.now());
    this.#free = begins + (bytes * 1000) / this.rate;
    if (begins > this.now()) await this.wait(begins - this.now(), signal);
  }

  /** So many bytes took so long. */
  after(bytes, milliseconds) {
    if (this.rate || this.most <= LEAST || bytes < this.#size) return;
    const fits = (bytes * SECONDS * 1000) / Math.max(milliseconds, 1);
    const bounded = Math.max(LEAST, Math.min(this.most, fits));
    this.#size = Math.round((this.#size + bounded) / 2);
  }
}
