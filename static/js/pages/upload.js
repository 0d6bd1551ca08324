/** The upload page: files in, a plan, rows that tell how far each is, and what can be done. */

import { objection } from "../files.js";
import { getJson, request } from "../http.js";
import { follow } from "../live.js";
import { fingerprint, match, same } from "../matching.js";
import { isFinished } from "../row.js";
import { Sending } from "../sending.js";
import { Ids } from "../storage.js";
import { toast } from "../toasts.js";
import { makeActs } from "../upload/acts.js";
import { sampled } from "../upload/digest.js";
import { aboutOf, keepFields } from "../upload/fields.js";
import { FilmList } from "../upload/film_list.js";
import { fileOf, forget, handleOf, isOpen, keep, kept } from "../upload/kept.js";
import { logs } from "../upload/log.js";
import { Pacing } from "../upload/pacing.js";
import { Panel } from "../upload/panel.js";
import { KEYS, rowKeys } from "../upload/row_keys.js";
import { Staying } from "../upload/staying.js";
import { Together } from "../upload/together.js";
import { notify, Order, Tools } from "../upload/tools.js";
import { Weights } from "../upload/total.js";
import { whenFilesCome } from "./dropping.js";

const page = document.getElementById("uploads");
const { dataset } = page;
const picker = document.getElementById("file");
const at = (name, id) => dataset[name].replace("ID", id);
const say = (words) => {
  if (words) document.getElementById("live").textContent = words;
};

const weights = new Weights();
const pacing = new Pacing(Number(dataset.chunkSize));
const list = new FilmList({
  rows: document.getElementById("rows"),
  finished: document.getElementById("finished-rows"),
  template: document.getElementById("row"),
  kept: new Ids("kept"),
  dismissed: new Ids("dismissed"),
  weights,
  editUrl: (video) => at("edit", video),
  say,
  onRow(row, film) {
    row.setAttribute("aria-keyshortcuts", KEYS);
    keepFields(row, (change) => keepAbout(film, change));
  },
  onChange: () => settle(),
});
const sending = new Sending({
  endpoint: dataset.endpoint,
  pacing,
  act: (wish, upload) => at(wish, upload.id),
  onBegun: begun,
  onChange: (film) => list.show(film),
});
const staying = new Staying(() => sending.busy);
const order = new Order({ list, url: dataset.order });
const together = new Together(document.getElementById("total"), { list, sending, weights, onFinished: finished });
const tools = new Tools(document.getElementById("tools"), ({ lanes, limit, order: by }, name) => {
  sending.lanes.width = lanes;
  pacing.limit(limit);
  if (name === "order") attempt(() => order.by(by));
});
const panel = new Panel(document.getElementById("plan"), {
  pieceSize: Number(dataset.pieceSize),
  copies: Number(dataset.copies),
  begin,
  onChange: () => page.classList.toggle("planning", panel.items.length > 0),
});

// --- Files in -------------------------------------------------------------------------

async function take(found) {
  const limits = { maxSize: Number(dataset.maxSize), acceptAny: "acceptAny" in dataset };
  const [good, bad] = [[], []];
  for (const one of found) {
    const why = objection(one.file, limits) || (await known(one, good));
    (why ? bad : good).push({ ...one, why });
  }
  showObjections(bad);
  const { resumed, changed, fresh } = match(good, list.waiting.map(({ upload }) => upload));
  for (const { upload, ...one } of resumed) goOn(list.filmOf(upload), one);
  for (const { upload, ...one } of changed) {
    const film = list.filmOf(upload);
    film.job = { ...one, state: "changed" };
    film.about = aboutOf(upload);
    list.show(film);
  }
  if (fresh.length) await panel.add(fresh.map(withPast));
}

/** Give a file its fingerprint; why it is not wanted a second time, or "". */
async function known(one, good) {
  try {
    one.print = fingerprint(one.file, await sampled(one.file));
  } catch {
    return "It cannot be read on this device.";
  }
  const twice = [...good.map(({ print }) => print), ...panel.fingerprints].some((print) => same(print, one.print));
  return twice || list.has(one.print) ? "It is in the list already." : "";
}

/** What was said of it before is said of it again. */
function withPast(one) {
  const past = list.pastOf(one.print);
  return past ? { ...one, past, own: aboutOf(past.upload) } : one;
}

function goOn(film, { file, print, handle }) {
  film.job = { file, print };
  film.handle = handle ?? film.handle;
  if (handle) keep(film.upload.id, handle);
  attempt(() => sending.resume(film));
}

async function begin(items) {
  const films = items.map(({ file, print, sha256, handle, picture, about, past }) => {
    if (past) acts.dismiss(past);
    return list.add({ upload: null, job: { file, print, sha256, state: "beginning" }, handle, picture, about, unsent: unsent(about) });
  });
  for (const film of films) list.show(film);
  document.getElementById("queue").scrollIntoView({ block: "nearest" });
  films[0]?.row.focus({ preventScroll: true });
  await Promise.all(films.map((film) => sending.add(film)));
  if (films.length > 1 && tools.chosen.order === "small") await attempt(() => order.by("small"));
}

/** What the beginning of an upload has no room for. */
function unsent({ description }) {
  return description ? { description } : {};
}

async function begun(film) {
  if (film.handle) keep(film.upload.id, film.handle);
  const { unsent: rest } = film;
  film.unsent = {};
  if (Object.keys(rest ?? {}).length) await attempt(() => keepAbout(film, rest));
}

function showObjections(bad) {
  const box = document.getElementById("objections");
  const items = bad.map(({ file, why }) => {
    const item = document.createElement("li");
    item.textContent = `“${file.name}” is not sent. ${why}`;
    return item;
  });
  box.querySelector("ul").replaceChildren(...items);
  box.hidden = items.length === 0;
}

document.querySelector("[data-close-objections]").addEventListener("click", () => showObjections([]));
// Enter in a field of the plan is no wish to send a form.
document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());

// --- What is said of a film -------------------------------------------------------------

async function keepAbout(film, change) {
  Object.assign(film.about, change);
  if (!film.upload) {
    film.unsent = { ...film.unsent, ...change };
    return;
  }
  const answer = await request("PATCH", at("about", film.upload.id), { json: change });
  list.learn(await answer.json());
}

// --- What can be done about a film ----------------------------------------------------

const acts = makeActs({
  list,
  sending,
  take,
  order,
  choose: () => picker.click(),
  another: (one) => known(one, []).then(() => panel.add([one])),
  async moveToTrash({ upload: { video } }) {
    // As it is now: the server asks which version is meant.
    const { headers } = await request("GET", at("video", video));
    await request("DELETE", at("video", video), { headers: { "If-Match": headers.get("ETag") } });
  },
  confirm: asked,
  async copy(film) {
    await navigator.clipboard.writeText(new URL(film.upload.watch_url, location.href).href);
    toast("The link is copied.");
  },
});

/** Does the person really want that? The safe answer has the focus. */
function asked({ upload, row }, words) {
  const sheet = document.getElementById("cancel-sheet");
  sheet.querySelector("h2").textContent = `Cancel “${upload.title}”?`;
  sheet.querySelector("[data-cancel-words]").textContent = words;
  sheet.returnValue = "";
  sheet.showModal();
  return new Promise((resolve) => {
    sheet.addEventListener("close", () => {
      row.focus({ preventScroll: true });
      resolve(sheet.returnValue === "yes");
    }, { once: true });
  });
}

/** Run `work`; where it is refused, the sentence is in the corner. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    toast(error.message, { bad: true });
    say(error.message);
  }
}

page.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-offer]");
  if (!button) return;
  const { film } = button.closest("[data-row]");
  attempt(() => acts[button.dataset.offer](film));
});
rowKeys(page, { move: (film, by) => attempt(() => order.move(film, by)) });
logs(page, (upload) => at("log", upload.id));

const arriving = () => list.queue.filter(({ upload, job }) => job || upload?.state === "receiving");
const isPaused = ({ upload, job }) => (job ? job.state === "paused" : Boolean(upload.paused_at));
for (const button of document.querySelectorAll("[data-all]")) {
  button.addEventListener("click", async () => {
    const pausing = button.dataset.all === "pause";
    const films = arriving().filter((film) => isPaused(film) !== pausing && !["failed", "changed"].includes(film.job?.state));
    await Promise.all(films.map((film) => attempt(() => (pausing ? sending.pause(film) : sending.resume(film)))));
    // The button went away under the person's finger.
    document.querySelector("[data-all]:not([hidden])")?.focus();
  });
}

// --- What happens ---------------------------------------------------------------------

/** What the page says beside its rows. */
function settle() {
  const { waiting } = list;
  const notice = document.getElementById("waiting");
  notice.hidden = waiting.length === 0;
  notice.querySelector("[data-count]").textContent =
    waiting.length === 1 ? "One film waits for its file." : `${waiting.length} films wait for their files.`;
  notice.querySelector("[data-go-on]").hidden = !waiting.some(({ handle }) => handle);
  const films = arriving();
  for (const button of document.querySelectorAll("[data-all]")) {
    button.hidden = !films.some((film) => isPaused(film) === (button.dataset.all === "resume"));
  }
  together.show();
  staying.heed();
}

function finished(words) {
  if (tools.chosen.notify) notify(words);
}

document.querySelector("[data-go-on]").addEventListener("click", () => {
  for (const film of list.waiting.filter(({ handle }) => handle)) attempt(() => acts.goon(film));
});

function learnAll(uploads) {
  for (const upload of uploads) list.learn(upload);
}

/** What another device did with it holds here too. */
function learnAndHeed(uploads) {
  learnAll(uploads);
  for (const upload of uploads) {
    const film = list.filmOf(upload);
    if (film) sending.heed(film);
  }
}

async function ask(film) {
  try {
    if (film) learnAndHeed([await getJson(film.upload.url)]);
  } catch {
    // The next event, or the next round, asks again.
  }
}

async function askAll() {
  const { items } = await getJson(dataset.endpoint);
  learnAndHeed(items.filter((upload) => upload.state === "receiving" || list.filmOf(upload)));
}

/** Files that may be read without asking go on by themselves; others with one click. */
async function findHandles() {
  for (const id of await kept()) {
    const film = list.films.find(({ upload }) => upload?.id === id && upload.state === "receiving");
    if (!film) {
      forget(id);
      continue;
    }
    film.handle = await handleOf(id);
    const goes = film.handle && !film.job && !film.upload.paused_at && !film.upload.elsewhere;
    const file = goes && (await isOpen(film.handle)) ? await fileOf(film.handle) : null;
    if (file) await take([{ file, folder: "", handle: film.handle }]);
    else list.show(film);
  }
}

learnAll(JSON.parse(document.getElementById("known-uploads").textContent));
list.dropUnclaimedRows();
whenFilesCome(page, [picker, document.getElementById("folder")], (found) => attempt(() => take(found)));
findHandles();
// A speed is of the last seconds also where nothing happens.
setInterval(() => {
  for (const film of list.films) if (film.upload?.state === "receiving") list.show(film, { sort: false });
  together.show();
}, 1000);
follow({
  socket: dataset.socket,
  events: dataset.events,
  seq: Number(dataset.seq),
  onMessage({ type, data }) {
    // What was over before this page was opened is listed by the server.
    if (type === "snapshot") learnAndHeed(data.uploads.filter((upload) => list.filmOf(upload) || !isFinished(upload)));
    else if (type === "upload.progress") list.learn(data);
    else if (type === "video.progress") list.learnStages(data);
    else if (type === "reset" || type === "upload.ordered") askAll();
    else ask(list.filmOfEvent(data));
  },
  onPoll: askAll,
  onLive: (isLive) => {
    document.getElementById("offline").hidden = isLive;
  },
});
