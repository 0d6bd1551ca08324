/**
 * How far all films together are. Stages weigh as long as they take, as measured here; the
 * bar never goes back, also when films are added or taken away. Pure.
 */

// Seconds for a byte, against those that receiving it takes, until something is measured.
const FIRST = { receive: 1, check: 0.05, store: 0.2, commit: 0.1, verify: 0.1, prove: 0, encrypt: 0.2 };
const TRUST = 0.3;

export class Weights {
  #of = { ...FIRST };

  of(stage) {
    return this.#of[stage] ?? 0;
  }

  /** A stage took so many seconds for a byte; what was thought before counts too. */
  learn(stage, secondsPerByte, receivePerByte) {
    if (!(stage in FIRST) || stage === "receive" || !(receivePerByte > 0)) return;
    const measured = Math.min(10, secondsPerByte / receivePerByte);
    this.#of[stage] += TRUST * (measured - this.#of[stage]);
  }
}

/** `{done, total}` of some uploads, in weighed bytes. */
export function work(uploads, weights) {
  let [done, total] = [0, 0];
  for (const { length, offset, stages } of uploads) {
    for (const stage of stages) {
      const weight = weights.of(stage.name) * (length ?? 0);
      total += weight;
      done += weight * part(stage, offset, length);
    }
  }
  return { done, total };
}

function part({ name, state, done, total }, offset, length) {
  if (name === "receive") return length ? offset / length : 0;
  if (state === "done" || state === "skipped") return 1;
  return total ? Math.min(1, done / total) : 0;
}

export class Total {
  #shown = 0;
  #base = 0;
  #from = 0;
  #total = 0;

  /** The share to show, from 0 to 1. When the whole changes, the rest of the bar is shared anew. */
  show({ done, total }) {
    if (!total) return this.#reset();
    if (Math.abs(total - this.#total) > total * 1e-9) {
      [this.#base, this.#from, this.#total] = [this.#total ? this.#shown : 0, this.#total ? done : 0, total];
    }
    const rest = this.#total - this.#from;
    const share = rest > 0 ? (done - this.#from) / rest : 1;
    this.#shown = Math.max(this.#shown, this.#base + (1 - this.#base) * Math.max(0, Math.min(1, share)));
    return this.#shown;
  }

  #reset() {
    [this.#shown, this.#base, this.#from, this.#total] = [0, 0, 0, 0];
    return 0;
  }
}
