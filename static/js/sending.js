/**
 * The films that this page sends: a queue, two lanes, and what becomes of each. No DOM.
 *
 * A film is `{upload, job, title}`: `upload` is what the server says of it, `job` what we do
 * for it: `{file, state, problem, controller}`. `onChange(film)` hears of every change, and
 * `onBegun(film)` when the server has an upload for it.
 */

import { delay, pause } from "./backoff.js";
import { getJson, Refused, Unreachable } from "./http.js";
import { Lanes } from "./lanes.js";
import { fingerprint } from "./matching.js";
import { cancel, create, FileChanged, isFull, send, worthAnotherTry } from "./tus.js";

const SIGNED_OUT = 401;

export class Sending {
  constructor({ endpoint, chunkSize, lanes = 2, visibility, onBegun, onChange }) {
    Object.assign(this, { endpoint, chunkSize, visibility, onBegun, onChange });
    this.lanes = new Lanes(lanes, (film) => this.#run(film));
    this.known = new Set();
  }

  /** Are bytes leaving this browser? */
  get busy() {
    return this.lanes.busy;
  }

  add(film, file) {
    film.job = { file, state: "queued" };
    this.#queue(film);
  }

  pause(film) {
    this.#set(film, "paused");
    this.lanes.remove(film);
    film.job.controller?.abort();
  }

  resume(film) {
    if (!film.job) return;
    film.job.problem = "";
    this.#queue(film);
  }

  async cancel(film) {
    if (film.job) this.pause(film);
    if (film.upload) await cancel(film.upload.url);
    film.job = null;
  }

  #queue(film) {
    this.#set(film, "queued");
    this.lanes.add(film);
  }

  #set(film, state) {
    film.job.state = state;
    this.onChange(film);
  }

  async #run(film) {
    const { job } = film;
    // Paused again before its turn came.
    if (job !== film.job || job.state !== "queued") return;
    const { signal } = (job.controller = new AbortController());
    this.#set(film, "sending");
    try {
      if (!film.upload) {
        film.upload = await this.#begin(film, signal);
        this.onBegun(film);
      }
      await send(job.file, film.upload.url, {
        chunkSize: this.chunkSize,
        signal,
        onOffset: (offset) => {
          // The live connection may tell that all is here before the last answer does.
          if (film.job !== job) return;
          film.upload.offset = Math.max(film.upload.offset, offset);
          this.#set(film, "sending");
        },
        onTrouble: (error) => film.job === job && this.#trouble(film, error),
      });
      film.upload = await getJson(film.upload.url);
      film.job = null;
      this.onChange(film);
    } catch (error) {
      if (film.job !== job) return;
      if (!signal.aborted) this.#stop(film, error);
    }
  }

  async #begin(film, signal) {
    const { file } = film.job;
    const metadata = {
      filename: file.name,
      filetype: file.type,
      // Without one, the server makes it from the name.
      title: film.typed ? film.title : "",
      visibility: this.visibility(),
      fingerprint: fingerprint(file),
    };
    for (let failures = 0; ; ) {
      try {
        const begun = failures ? await this.#begunBefore(metadata.fingerprint, signal) : null;
        const upload =
          begun ?? (await getJson(await create(this.endpoint, file.size, metadata, { signal }), { signal }));
        this.known.add(upload.id);
        return upload;
      } catch (error) {
        if (signal.aborted || !worthAnotherTry(error)) throw error;
        failures += 1;
        this.#trouble(film, error);
        await pause(delay(failures, { retryAfter: error.retryAfter }), signal);
      }
    }
  }

  /** The upload that was begun although its answer was lost; or nothing. */
  async #begunBefore(print, signal) {
    const { items } = await getJson(this.endpoint, { signal });
    return items.find(
      (one) => one.fingerprint === print && one.state === "receiving" && one.offset === 0 && !this.known.has(one.id),
    );
  }

  #trouble(film, error) {
    if (error instanceof Unreachable || error.status >= 500) this.#set(film, "offline");
  }

  #stop(film, error) {
    const gone = error instanceof Refused && [404, 410].includes(error.status);
    if (error instanceof FileChanged) this.#set(film, "changed");
    else if (isFull(error) && film.upload) this.#set(film, "full");
    else {
      const kept = film.upload ? "What was received is kept." : "Nothing was sent.";
      if (gone) film.job.problem = `${error.message} Go on to send it from the beginning.`;
      else if (error.status === SIGNED_OUT) film.job.problem = `You are signed out. ${kept} Sign in, in another tab, and go on.`;
      else film.job.problem = `${error.message} ${kept}`;
      if (gone) film.upload = null;
      this.#set(film, "failed");
    }
  }
}
