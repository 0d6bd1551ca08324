/** The films on the upload page: what is known of each, and its row. */

import { announcement } from "../announce.js";
import { fingerprint } from "../matching.js";
import { fillRow, makeRow } from "./upload_row.js";

const ELSEWHERE_FOR = 10_000;
// What a page that was just closed had under way still arrives; that is no other window.
const GROWTHS = 3;

export class UploadList {
  /** `kept` and `dismissed` are ids that a person has dealt with. */
  constructor({ rows, template, titles, kept, dismissed }) {
    Object.assign(this, { rows, template, titles, kept, dismissed, films: [] });
  }

  filmOf(upload) {
    return this.films.find((film) => film.upload?.id === upload.id);
  }

  /** The film that an event is about. */
  filmOfEvent({ upload, video }) {
    return this.films.find(({ upload: has }) => has && (has.id === upload || (has.video && has.video === video)));
  }

  /** Films that wait until their files are chosen again. */
  get waiting() {
    return this.films.filter(
      ({ upload, job }) => upload?.state === "receiving" && !job && !upload.elsewhere,
    );
  }

  /** The fingerprints of files that this page has at hand, or that arrive from elsewhere. */
  get present() {
    const films = this.films.filter(
      ({ upload, job }) => (job && job.state !== "changed") || (upload?.state === "receiving" && upload.elsewhere),
    );
    return new Set(films.map(({ upload, job }) => upload?.fingerprint || (job && fingerprint(job.file))));
  }

  /** Take in what the server says of an upload, whoever began it. */
  learn(upload) {
    if (this.dismissed.has(upload.id)) return;
    const film = this.filmOf(upload) ?? this.#discover(upload);
    if (!film) return;
    if (upload.state === "cancelled") {
      this.forget(film);
      return;
    }
    const before = film.upload;
    film.upload = {
      ...upload,
      // News can overtake each other; an offset that was confirmed stays confirmed.
      offset: Math.max(upload.offset, before?.state === upload.state ? before.offset : 0),
      kept: this.kept.has(upload.id),
      elsewhere: this.#movesElsewhere(film, before, upload),
    };
    film.title = this.titles.of(upload);
    if (upload.state !== "receiving") film.job = null;
    if (before) this.say(announcement(before, film.upload));
    this.titles.settle(film);
    this.show(film);
  }

  learnStages({ id, stages }) {
    const film = this.filmOfEvent({ video: id });
    if (film && stages) this.learn({ ...film.upload, stages });
  }

  add(film) {
    this.films.push(film);
    return film;
  }

  forget(film) {
    this.films.splice(this.films.indexOf(film), 1);
    film.row?.remove();
    this.#showCounts();
  }

  show(film) {
    if (!this.films.includes(film)) return;
    film.row ??= this.#rowFor(film);
    fillRow(film.row, film);
    this.#showCounts();
  }

  /** The server renders a row for each upload; a dismissed one stays out of sight. */
  dropUnclaimedRows() {
    for (const row of [...this.rows.children]) {
      if (!row.film) row.remove();
    }
    this.#showCounts();
  }

  say(words) {
    if (words) document.getElementById("live").textContent = words;
  }

  /** A film for an upload not seen yet; null for one that this page has just begun. */
  #discover(upload) {
    const beginning = this.films.filter(({ upload: begun, job }) => !begun && job);
    if (beginning.some(({ job }) => fingerprint(job.file) === upload.fingerprint)) return null;
    return this.add({ upload: null, job: null, title: this.titles.of(upload) });
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

  #rowFor(film) {
    const served = film.upload && this.rows.querySelector(`[data-upload="${film.upload.id}"]`);
    const row = served || makeRow(this.template);
    row.film = film;
    if (!served) this.rows.prepend(row);
    return row;
  }

  #showCounts() {
    const count = this.waiting.length;
    const notice = document.getElementById("waiting");
    notice.hidden = count === 0;
    notice.querySelector("[data-count]").textContent =
      count === 1 ? "One film waits for its file." : `${count} films wait for their files.`;
    document.getElementById("queue").hidden = this.films.length === 0;
  }
}
