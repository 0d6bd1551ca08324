/** One row of the upload page, filled in from what is known of its film. */

import { tell } from "../row.js";
import { size } from "../words.js";

export function makeRow(template) {
  return template.content.firstElementChild.cloneNode(true);
}

export function fillRow(row, film) {
  const { upload, job } = film;
  const told = tell(upload, job);
  row.dataset.tone = told.tone;
  row.dataset.upload = upload?.id ?? "";
  fillTitle(row.querySelector("[data-title]"), film);
  text(row.querySelector("[data-size]"), size(upload?.length ?? job.file.size));
  text(row.querySelector("[data-words]"), told.words);
  fillBar(row.querySelector("[data-bar]"), told);
  fillTrack(row, upload);
  fillDuplicate(row, upload);
  fillOffers(row, upload, told.offers);
}

function fillTitle(input, film) {
  // What is being typed is not taken out of a person's hands.
  if (document.activeElement !== input) input.value = film.title;
  input.disabled = ["refused", "expired"].includes(film.upload?.state);
}

function fillBar(bar, { value, max, tone }) {
  if (max === null) bar.removeAttribute("value");
  else {
    bar.max = Math.max(max, 1);
    bar.value = value;
  }
  bar.hidden = tone === "good" || (tone === "bad" && !value);
}

function fillTrack(row, upload) {
  for (const item of row.querySelectorAll("[data-stage]")) {
    const stage = upload?.stages.find(({ name }) => name === item.dataset.stage);
    const refused = upload?.state === "refused" && item.dataset.stage === "check";
    item.dataset.state = refused ? "failed" : (stage?.state ?? "waiting");
    text(item.querySelector("[data-word]"), item.dataset.state);
  }
}

function fillDuplicate(row, upload) {
  const box = row.querySelector("[data-duplicate]");
  box.hidden = !upload?.duplicate || upload.kept || upload.state !== "received";
  if (box.hidden) return;
  const link = box.querySelector("a");
  link.href = upload.duplicate.url;
  text(link, `“${upload.duplicate.title}”`);
}

function fillOffers(row, upload, offers) {
  for (const control of row.querySelectorAll("[data-offer]")) {
    control.hidden = !offers.includes(control.dataset.offer);
  }
  const { watch, original } = Object.fromEntries(
    [...row.querySelectorAll("a[data-offer]")].map((link) => [link.dataset.offer, link]),
  );
  if (upload?.watch_url) watch.href = upload.watch_url;
  if (upload?.duplicate) original.href = upload.duplicate.url;
}

/** Writing the same words again would make some screen readers say them again. */
function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
