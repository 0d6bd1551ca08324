/** A queue of work of which a few at a time are under way. */
export class Lanes {
  #width;
  #work;
  #rank;
  #queue = [];
  #running = new Set();

  /**
   * `work` gets a job and gives a promise; it deals with its own errors. `rank` tells which
   * of those that wait goes first: the lowest, and of equals the one that came first.
   */
  constructor(width, work, rank = () => 0) {
    this.#width = width;
    this.#work = work;
    this.#rank = rank;
  }

  get busy() {
    return this.#running.size > 0;
  }

  /** Fewer lanes than are in use let what is under way come to its end. */
  set width(width) {
    this.#width = width;
    this.#fill();
  }

  add(job) {
    if (!this.#queue.includes(job)) this.#queue.push(job);
    this.#fill();
  }

  /** Take a job out of the queue; one that is under way has to be stopped by its owner. */
  remove(job) {
    this.#queue = this.#queue.filter((other) => other !== job);
  }

  #fill() {
    while (this.#running.size < this.#width) {
      // A job that was stopped and started again waits until its first try has ended.
      const ready = this.#queue.filter((job) => !this.#running.has(job));
      if (!ready.length) return;
      const job = ready.reduce((best, other) => (this.#rank(other) < this.#rank(best) ? other : best));
      this.remove(job);
      this.#running.add(job);
      Promise.resolve(this.#work(job)).finally(() => {
        this.#running.delete(job);
        this.#fill();
      });
    }
  }
}
