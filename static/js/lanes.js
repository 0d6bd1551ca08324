/** A queue of work of which a few at a time are under way. */
export class Lanes {
  #width;
  #work;
  #queue = [];
  #running = new Set();

  /** `work` gets a job and gives a promise; it deals with its own errors. */
  constructor(width, work) {
    this.#width = width;
    this.#work = work;
  }

  get busy() {
    return this.#running.size > 0;
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
      const index = this.#queue.findIndex((job) => !this.#running.has(job));
      if (index < 0) return;
      const [job] = this.#queue.splice(index, 1);
      this.#running.add(job);
      Promise.resolve(this.#work(job)).finally(() => {
        this.#running.delete(job);
        this.#fill();
      });
    }
  }
}
