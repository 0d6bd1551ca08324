/** One row of the upload page, filled in from what is known of its film. */

import { filled, gettext } from "../gettext.js";
import { tell } from "../row.js";
import { size } from "../words.js";
import { aboutOf, fill } from "./fields.js";
import { STATES, steps } from "./track.js";

export function makeRow(template) {
  return template.content.firstElementChild.cloneNode(true);
}

export function fillRow(row, film, { editUrl }) {
  const { upload, job } = film;
  const { pace } = film;
  const measured = { speed: pace.speed, left: pace.left(upload?.length) };
  const told = tell(upload && { ...upload, handle: film.handle }, job, measured);
  row.dataset.tone = told.tone;
  row.dataset.state = told.state;
  row.dataset.upload = upload?.id ?? "";
  row.tabIndex = 0;
  fill(row, upload ? aboutOf(upload) : film.about);
  const title = upload?.title || film.about.title;
  row.setAttribute("aria-label", title);
  text(row.querySelector("[data-size]"), size(upload?.length ?? job?.file.size ?? 0));
  fillWords(row, told);
  fillBar(row.querySelector("[data-bar]"), told, title);
  if (upload) fillSteps(row, upload);
  fillPicture(row.querySelector("[data-picture]"), film);
  fillDuplicate(row, upload);
  fillOffers(row, upload, told.offers, editUrl);
  return told;
}

function fillWords(row, { state, words, detail }) {
  const line = row.querySelector("[data-words]");
  line.dataset.testid = `upload-${state}`;
  text(line, words);
  text(row.querySelector("[data-detail]"), detail);
  row.querySelector("[data-detail]").hidden = !detail;
}

function fillBar(bar, { value, max, tone, state }, title) {
  if (max === null) bar.removeAttribute("value");
  else {
    bar.max = Math.max(max, 1);
    bar.value = value;
  }
  bar.setAttribute("aria-label", filled(gettext("Progress of %(title)s"), { title }));
  bar.hidden = tone === "good" || (tone === "bad" && !value) || ["at-risk", "few-copies"].includes(state);
}

function fillSteps(row, upload) {
  for (const { name, words, state, error } of steps(upload)) {
    const item = row.querySelector(`[data-step="${name}"]`) ?? addStep(row, name);
    item.dataset.state = error && state !== "failed" ? "trouble" : state;
    text(item.querySelector("[data-step-words]"), words);
    text(item.querySelector("[data-word]"), `, ${STATES[state] ?? state}`);
  }
}

/** A film that is stored anew has a step more than others. */
function addStep(row, name) {
  const first = row.querySelector("[data-step]");
  const item = first.cloneNode(true);
  item.dataset.step = name;
  first.parentElement.append(item);
  return item;
}

function fillPicture(image, { upload, picture }) {
  const source = upload?.poster_url ?? picture;
  image.hidden = !source;
  if (source && image.getAttribute("src") !== source) image.src = source;
}

function fillDuplicate(row, upload) {
  const box = row.querySelector("[data-duplicate]");
  box.hidden = !upload?.duplicate || upload.kept || upload.state !== "received";
  if (box.hidden) return;
  const link = box.querySelector("a");
  link.href = upload.duplicate.url;
  text(link, `“${upload.duplicate.title}”`);
}

function fillOffers(row, upload, offers, editUrl) {
  for (const control of row.querySelectorAll("[data-offer]")) {
    control.hidden = !offers.includes(control.dataset.offer);
  }
  const link = (name) => row.querySelector(`a[data-offer="${name}"]`);
  if (upload?.watch_url) link("watch").href = upload.watch_url;
  if (upload?.video) link("edit").href = editUrl(upload.video);
  if (upload?.duplicate) link("original").href = upload.duplicate.url;
}

/** Writing the same words again would make some screen readers say them again. */
function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
