/** How smoothly it plays: how long it took to begin, and how often it stood still since. */

const RESTS = new Set(["pause", "seeking", "emptied", "ended"]);

/** What the video's events make of it, with moments in milliseconds; waiting after a jump is no stall. Pure. */
export class Smoothness {
  start = null;
  stalls = 0;
  stood = 0;
  #asked = null;
  #since = null;
  #runs = false;

  heard(event, now) {
    if (event === "play" && this.start === null) this.#asked ??= now;
    else if (event === "waiting" && this.#runs && this.#since === null) [this.stalls, this.#since] = [this.stalls + 1, now];
    else if (event === "playing") this.#goesOn(now);
    else if (RESTS.has(event)) this.#rests(event, now);
  }

  #goesOn(now) {
    if (this.start === null && this.#asked !== null) this.start = now - this.#asked;
    this.#ends(now);
    this.#runs = true;
  }
  #rests(event, now) {
    this.#ends(now);
    this.#runs = false;
    if (event === "pause" && this.start === null) this.#asked = null;
  }
  #ends(now) {
    if (this.#since !== null) this.stood += now - this.#since;
    this.#since = null;
  }
}

export function smoothness({ on, video }) {
  const found = new Smoothness();
  on("play playing waiting pause seeking emptied ended", ({ type }) => found.heard(type, performance.now()));
  // A jump to what is here already makes nobody wait.
  on("seeked", () => !video.paused && video.readyState >= 3 && found.heard("playing", performance.now()));
  return found;
}
