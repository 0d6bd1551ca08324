/** The films on the upload page: what is known of each, its row, and where the row stands. */

import { announcement } from "../announce.js";
import { same } from "../matching.js";
import { isFinished } from "../row.js";
import { fillRow, makeRow } from "./film_row.js";
import { ranked } from "./order.js";
import { Pace } from "./pace.js";
import { current } from "./track.js";

const ELSEWHERE_FOR = 10_000;
// What a page that was just closed had under way still arrives; that is no other window.
const GROWTHS = 3;
const FINISHED = 5;

export class FilmList {
  /** `kept` and `dismissed` are ids that a person has dealt with; `onChange()` hears of all. */
  constructor({ rows, finished, template, kept, dismissed, weights, editUrl, onRow, onChange, say }) {
    Object.assign(this, { rows, finished, template, kept, dismissed, weights, editUrl, onRow, onChange, say });
    this.films = [];
    // Those of this sitting, of which the bar on top tells how far they are together.
    this.batch = new Set();
  }

  filmOf(upload) {
    return this.films.find((film) => film.upload?.id === upload.id);
  }

  /** The film that an event is about. */
  filmOfEvent({ upload, video }) {
    return this.films.find(({ upload: has }) => has && (has.id === upload || (has.video && has.video === video)));
  }

  /** What is on its way, in the order in which it goes; what failed comes last. */
  get queue() {
    return ranked(this.films.filter(({ upload }) => !isFinished(upload)));
  }

  /** Films that wait until their files are chosen again. */
  get waiting() {
    return this.films.filter(({ upload, job }) => upload?.state === "receiving" && !job && !upload.elsewhere);
  }

  /** Is this file at hand here, or does it arrive from elsewhere? */
  has(print) {
    return this.films.some(({ upload, job }) => {
      const here = (job && job.state !== "changed") || (upload?.state === "receiving" && upload.elsewhere);
      return here && same(job?.print ?? upload.fingerprint, print);
    });
  }

  /** What is kept of an upload that came to nothing and was of this file. */
  pastOf(print) {
    return this.films.find(({ upload }) => upload?.state === "expired" && same(upload.fingerprint, print));
  }

  /** Take in what the server says of an upload, whoever began it. */
  learn(upload) {
    if (this.dismissed.has(upload.id)) return null;
    const film = this.filmOf(upload) ?? this.#discover(upload);
    if (!film) return null;
    if (upload.state === "cancelled") {
      this.forget(film);
      return null;
    }
    const before = film.upload;
    film.upload = {
      ...upload,
      // News can overtake each other; an offset that was confirmed stays confirmed.
      offset: Math.max(upload.offset, before?.state === upload.state ? before.offset : 0),
      kept: this.kept.has(upload.id),
      elsewhere: this.#movesElsewhere(film, before, upload),
    };
    if (upload.state !== "receiving") film.job = null;
    if (before) this.say(announcement(before, film.upload));
    this.#measure(film, before);
    this.show(film);
    return film;
  }

  learnStages({ id, stages }) {
    const film = this.filmOfEvent({ video: id });
    // Other qualities of it are no part of its way here.
    const way = stages?.filter(({ name }) => name !== "rendition");
    if (film && way) this.learn({ ...film.upload, stages: way });
  }

  add(film) {
    film.about ??= {};
    film.pace = new Pace();
    this.films.push(film);
    return film;
  }

  forget(film) {
    const { row } = film;
    const next = row?.nextElementSibling ?? row?.previousElementSibling;
    const hadFocus = row?.contains(document.activeElement);
    this.films = this.films.filter((other) => other !== film);
    this.batch.delete(film);
    row?.remove();
    if (hadFocus) (next ?? document.querySelector('label[for="file"] + input'))?.focus();
    this.#settle();
  }

  /** Fill in the row; with `sort`, put it where it belongs as well. */
  show(film, { sort = true } = {}) {
    if (!this.films.includes(film)) return;
    film.row ??= this.#rowFor(film);
    if (film.upload?.state === "receiving") film.pace.add(film.upload.offset);
    if (film.job && !["sending", "queued"].includes(film.job.state)) film.pace.clear();
    if (!isFinished(film.upload) && (film.job || film.upload?.state === "receiving" || film.upload?.video)) this.batch.add(film);
    fillRow(film.row, film, this);
    if (sort) this.sort();
  }

  sort() {
    const active = document.activeElement;
    place(this.rows, this.queue.map(({ row }) => row));
    const done = this.films.filter(({ upload }) => isFinished(upload));
    const lately = done.toSorted((one, other) => (other.finishedAt ?? 0) - (one.finishedAt ?? 0));
    for (const { row } of lately.slice(FINISHED)) row?.remove();
    place(this.finished, lately.slice(0, FINISHED).map(({ row }) => row));
    // A row that moves loses the focus, and the person their place.
    if (active !== document.activeElement && active?.isConnected) active.focus({ preventScroll: true });
    this.#settle();
  }

  /** The server renders a row for each upload; a dismissed one stays out of sight. */
  dropUnclaimedRows() {
    for (const row of document.querySelectorAll("[data-row]")) {
      if (!row.film) row.remove();
    }
    this.#settle();
  }

  /** A film for an upload not seen yet; null for one that this page has just begun. */
  #discover(upload) {
    const beginning = this.films.filter(({ upload: begun, job }) => !begun && job);
    if (beginning.some(({ job }) => same(job.print, upload.fingerprint))) return null;
    const film = this.add({ upload: null, job: null });
    if (isFinished(upload)) film.finishedAt = Date.parse(upload.updated_at);
    return film;
  }

  #movesElsewhere(film, before, upload) {
    if (film.job || !before) return false;
    if (upload.offset <= before.offset) return before.elsewhere;
    film.growths = (film.growths ?? 0) + 1;
    clearTimeout(film.still);
    film.still = setTimeout(() => {
      film.growths = 0;
      film.upload.elsewhere = false;
      this.show(film);
    }, ELSEWHERE_FOR);
    return film.growths >= GROWTHS;
  }

  /** How long each stage takes, so that the bar of all films shares itself out well. */
  #measure(film, before) {
    const [was, is] = [before && current(before)?.name, current(film.upload)?.name];
    if (film.pace.speed) film.perByte = 1 / film.pace.speed;
    if (was === is) return;
    const now = performance.now();
    if (film.since && was && film.upload.length) {
      this.weights.learn(was, (now - film.since) / 1000 / film.upload.length, film.perByte);
    }
    film.since = now;
    if (!is && before) film.finishedAt ??= Date.now();
  }

  #rowFor(film) {
    const served = film.upload && document.querySelector(`[data-row][data-upload="${film.upload.id}"]`);
    const row = served || makeRow(this.template);
    row.film = film;
    this.onRow(row, film);
    return row;
  }

  #settle() {
    this.rows.closest("section").hidden = !this.rows.children.length;
    this.finished.closest("section").hidden = !this.finished.children.length;
    this.onChange();
  }
}

/** Let `list` hold `rows` in this order, moving as few as possible. */
function place(list, rows) {
  rows.filter(Boolean).forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
