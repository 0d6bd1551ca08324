/** While bytes leave this browser: closing asks first, and a phone stays awake. */

export class Staying {
  #lock = null;

  constructor(isBusy) {
    this.isBusy = isBusy;
    addEventListener("beforeunload", (event) => {
      if (isBusy()) event.preventDefault();
    });
    // The lock goes when the page is hidden; it is asked for again with the next look.
    document.addEventListener("visibilitychange", () => this.heed());
  }

  async heed() {
    const wanted = this.isBusy() && document.visibilityState === "visible";
    if (!wanted) {
      await this.#lock?.release();
      this.#lock = null;
    } else if (!this.#lock || this.#lock.released) {
      try {
        this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
      } catch {
        // A battery that runs low is a reason to say no.
      }
    }
  }
}
