/**
 * The films that this page sends: all are begun at once, so that every device sees the queue;
 * a few at a time send their bytes. No DOM.
 *
 * A film is `{upload, job, about}`: `upload` is what the server says of it, `about` what a
 * person says of it, `job` what we do for it: `{file, print, sha256, state, problem}`.
 * `onChange(film)` hears of every change, `onBegun(film)` when the server has an upload for it.
 */

import { begin } from "./beginning.js";
import { filled, gettext } from "./gettext.js";
import { getJson, Refused, request, Unreachable } from "./http.js";
import { Lanes } from "./lanes.js";
import { cancel, FileChanged, isFull, send } from "./tus.js";

const SIGNED_OUT = 401;
const AT_WORK = new Set(["queued", "beginning", "sending", "offline", "restarting"]);

export class Sending {
  #beginning = Promise.resolve();
  #toBegin = 0;

  constructor({ endpoint, pacing, lanes = 2, act, onBegun, onChange }) {
    Object.assign(this, { endpoint, pacing, act, onBegun, onChange });
    this.lanes = new Lanes(lanes, (film) => this.#run(film), ({ upload }) => upload?.place ?? Infinity);
    this.known = new Set();
  }

  /** Are bytes leaving this browser, or about to? */
  get busy() {
    return this.lanes.busy || this.#toBegin > 0;
  }

  /** Send `film`, whose `job` has its file; gives a promise of its beginning. */
  add(film) {
    film.job.problem = "";
    if (film.upload) {
      this.#queue(film);
      return Promise.resolve();
    }
    this.#set(film, "beginning");
    this.#toBegin += 1;
    this.#beginning = this.#beginning.then(() => this.#begun(film)).finally(() => (this.#toBegin -= 1));
    return this.#beginning;
  }

  /** By the person: every device stops, and it stays so after a reload. */
  async pause(film) {
    this.halt(film);
    if (film.upload) await this.#tell(film, "pause");
  }

  async resume(film) {
    if (film.upload?.paused_at) await this.#tell(film, "resume");
    if (film.job) await this.add(film);
  }

  /** Stop sending here; the server knows already, or need not know. */
  halt(film) {
    if (!film.job || !AT_WORK.has(film.job.state)) return;
    this.#set(film, "paused");
    this.lanes.remove(film);
    // One that is being begun goes on for that moment: else nobody knew what came of it.
    if (film.upload) film.job.controller?.abort();
  }

  /** What the server says has changed on another device. */
  heed(film) {
    const { job, upload } = film;
    if (!job || job.telling || upload?.state !== "receiving") return;
    if (upload.paused_at) this.halt(film);
    else if (job.state === "paused") this.add(film);
  }

  /** The upload as it is where its last byte was quicker than this; else null. */
  async cancel(film) {
    this.halt(film);
    const was = film.upload && !(await cancel(film.upload.url)) ? await this.#last(film.upload) : null;
    film.job = null;
    return was?.state === "received" ? was : null;
  }

  async #last({ url }) {
    try {
      return await getJson(url);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  async #tell(film, wish) {
    const { job } = film;
    if (job) job.telling = true;
    try {
      const answer = await request("POST", this.act(wish, film.upload));
      const { paused_at: at } = await answer.json();
      film.upload = { ...film.upload, paused_at: at };
      this.onChange(film);
    } finally {
      if (job) job.telling = false;
    }
  }

  #queue(film) {
    this.#set(film, "queued");
    this.lanes.add(film);
  }

  #set(film, state) {
    film.job.state = state;
    this.onChange(film);
  }

  async #begun(film) {
    const { job } = film;
    if (job?.state !== "beginning") return;
    const { signal } = (job.controller = new AbortController());
    try {
      const upload = await begin(film, this.endpoint, {
        known: this.known,
        signal,
        onTrouble: (error) => this.#trouble(film, error),
      });
      // Cancelled in this moment.
      if (film.job !== job) return await cancel(upload.url);
      film.upload = upload;
      this.onBegun(film);
      if (job.state === "paused") await this.#tell(film, "pause");
      else this.#queue(film);
    } catch (error) {
      if (film.job === job && !signal.aborted) this.#stop(film, error);
    }
  }

  async #run(film) {
    const { job } = film;
    // Paused again before its turn came.
    if (!job || job.state !== "queued") return;
    const { signal } = (job.controller = new AbortController());
    this.#set(film, "sending");
    try {
      await send(job.file, film.upload.url, {
        pacing: this.pacing,
        signal,
        onOffset: (offset) => {
          // The live connection may tell that all is here before the last answer does.
          if (film.job !== job || job.state === "paused") return;
          film.upload.offset = Math.max(film.upload.offset, offset);
          this.#set(film, "sending");
        },
        onTrouble: (error) => film.job === job && this.#trouble(film, error),
      });
      const upload = await getJson(film.upload.url);
      if (film.job !== job) return;
      film.upload = upload;
      film.job = null;
      this.onChange(film);
    } catch (error) {
      if (film.job === job && !signal.aborted) this.#stop(film, error);
    }
  }

  #trouble(film, error) {
    if (film.job.state === "paused") return;
    const away = globalThis.navigator?.onLine === false;
    if (error instanceof Unreachable) this.#set(film, away ? "offline" : "restarting");
    else if (error.status >= 500) this.#set(film, "restarting");
  }

  #stop(film, error) {
    const gone = error instanceof Refused && [404, 410].includes(error.status);
    if (error instanceof FileChanged) this.#set(film, "changed");
    else if (isFull(error) && film.upload) this.#set(film, "full");
    else {
      const kept = film.upload ? gettext("What was received is kept.") : gettext("Nothing was sent.");
      if (gone) film.job.problem = filled(gettext("%(problem)s Go on to send it from the beginning."), { problem: error.message });
      else if (error.status === SIGNED_OUT) film.job.problem = filled(gettext("You are signed out. %(kept)s Sign in, in another tab, and go on."), { kept });
      else film.job.problem = `${error.message} ${kept}`;
      if (gone) film.upload = null;
      this.#set(film, "failed");
    }
  }
}
