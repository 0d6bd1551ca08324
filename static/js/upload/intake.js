/** Files come in: what is no film is said, what waits goes on, what is new is planned, and begun. */

import { objection } from "../files.js";
import { filled, gettext } from "../gettext.js";
import { match, same, sampledPrint } from "../matching.js";
import { sampled } from "./digest.js";
import { aboutOf } from "./fields.js";
import { fileOf, forget, handleOf, isOpen, keep, kept } from "./kept.js";
import { look } from "./look.js";

export class Intake {
  /** `keepAbout(film, change)` keeps what is said; `attempt(work)` shows what is refused. */
  constructor({ list, panel, sending, order, tools, limits, keepAbout, attempt, queue, objections }) {
    Object.assign(this, { list, panel, sending, order, tools, limits, keepAbout, attempt, queue, objections });
    panel.begin = (items) => this.#begin(items);
  }

  /** `found` are `{file, folder, handle}`, as `filesOf` gives them. */
  async take(found) {
    const [good, bad] = [[], []];
    for (const one of found) {
      const why = objection(one.file, this.limits) || (await this.#known(one, good));
      (why ? bad : good).push({ ...one, why });
    }
    this.#show(bad);
    const { resumed, changed, fresh } = match(good, this.list.waiting.map(({ upload }) => upload));
    for (const { upload, ...one } of resumed) this.#goOn(this.list.filmOf(upload), one);
    for (const { upload, ...one } of changed) this.#ask(this.list.filmOf(upload), one);
    if (fresh.length) await this.panel.add(fresh.map((one) => this.#withPast(one)));
  }

  /** Plan a file although an upload of its name waits for another. */
  async another(one) {
    await this.#known(one, []);
    await this.panel.add([one]);
  }

  /** The server has an upload for `film`: what its beginning had no room for comes now. */
  async begun(film) {
    if (film.handle) keep(film.upload.id, film.handle);
    const { unsent } = film;
    film.unsent = {};
    if (Object.keys(unsent ?? {}).length) await this.attempt(() => this.keepAbout(film, unsent));
  }

  /** Files that may be read without asking go on by themselves; others with one click. */
  async findHandles() {
    for (const id of await kept()) {
      const film = this.list.films.find(({ upload }) => upload?.id === id && upload.state === "receiving");
      if (!film) {
        forget(id);
        continue;
      }
      film.handle = await handleOf(id);
      const goes = film.handle && !film.job && !film.upload.paused_at && !film.upload.elsewhere;
      const file = goes && (await isOpen(film.handle)) ? await fileOf(film.handle) : null;
      if (file) await this.take([{ file, folder: "", handle: film.handle }]);
      else this.list.show(film);
    }
  }

  dismissObjections() {
    this.#show([]);
  }

  /** Give a file its fingerprint; why it is not wanted a second time, or "". */
  async #known(one, good) {
    try {
      one.print = sampledPrint(one.file, await sampled(one.file));
    } catch {
      return gettext("It cannot be read on this device.");
    }
    const twice = [...good.map(({ print }) => print), ...this.panel.fingerprints].some((print) => same(print, one.print));
    return twice || this.list.has(one.print) ? gettext("It is in the list already.") : "";
  }

  /** What was said of it before is said of it again. */
  #withPast(one) {
    const past = this.list.pastOf(one.print);
    return past ? { ...one, past, own: aboutOf(past.upload) } : one;
  }

  #goOn(film, { file, print, handle }) {
    film.job = { file, print };
    film.handle = handle ?? film.handle;
    if (handle) keep(film.upload.id, handle);
    this.attempt(() => this.sending.resume(film));
    if (!film.picture) this.#lookAt(film, file);
  }

  async #lookAt(film, file) {
    film.picture = (await look(file)).picture;
    this.list.show(film, { sort: false });
  }

  /** Another file of the name: the person says which is meant. */
  #ask(film, one) {
    film.job = { ...one, state: "changed" };
    film.about = aboutOf(film.upload);
    this.list.show(film);
  }

  async #begin(items) {
    const films = items.map((item) => this.#filmOf(item));
    for (const film of films) this.list.show(film);
    this.queue.scrollIntoView({ block: "nearest" });
    films[0]?.row.focus({ preventScroll: true });
    await Promise.all(films.map((film) => this.sending.add(film)));
    if (films.length > 1 && this.tools.chosen.order === "small") await this.attempt(() => this.order.by("small"));
  }

  #filmOf({ file, print, sha256, handle, picture, about, past }) {
    if (past) {
      this.list.dismissed.add(past.upload.id);
      this.list.forget(past);
    }
    const { description } = about;
    const job = { file, print, sha256, state: "beginning" };
    return this.list.add({ upload: null, job, handle, picture, about, unsent: description ? { description } : {} });
  }

  #show(bad) {
    const items = bad.map(({ file, why }) => {
      const item = document.createElement("li");
      item.textContent = filled(gettext("“%(file)s” is not sent. %(why)s"), { file: file.name, why });
      return item;
    });
    this.objections.querySelector("ul").replaceChildren(...items);
    this.objections.hidden = items.length === 0;
  }
}
