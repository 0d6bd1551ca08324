/** The upload page: its parts put together, and what can be done about the films in it. */

import { filled, gettext, ngettext } from "../gettext.js";
import { request } from "../http.js";
import { Sending } from "../sending.js";
import { Ids } from "../storage.js";
import { toast } from "../toasts.js";
import { makeActs } from "../upload/acts.js";
import { confirmCancel } from "../upload/cancelling.js";
import { keepFields } from "../upload/fields.js";
import { FilmList } from "../upload/film_list.js";
import { Intake } from "../upload/intake.js";
import { logs } from "../upload/log.js";
import { followUploads } from "../upload/news.js";
import { Pacing } from "../upload/pacing.js";
import { Panel } from "../upload/panel.js";
import { KEYS, rowKeys } from "../upload/row_keys.js";
import { Staying } from "../upload/staying.js";
import { Together } from "../upload/together.js";
import { notify, Order, Tools } from "../upload/tools.js";
import { Weights } from "../upload/total.js";
import { whenFilesCome } from "./dropping.js";

const part = (id) => document.getElementById(id);
const page = part("uploads");
const { dataset } = page;
const at = (name, id) => dataset[name].replace("ID", id);
const say = (words) => {
  if (words) part("live").textContent = words;
};

// --- The parts ------------------------------------------------------------------------

const weights = new Weights();
const pacing = new Pacing(Number(dataset.chunkSize));
const list = new FilmList({
  rows: part("rows"),
  finished: part("finished-rows"),
  template: part("row"),
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
  onBegun: (film) => intake.begun(film),
  onChange: (film) => list.show(film),
});
const staying = new Staying(() => sending.busy);
const order = new Order({ list, url: dataset.order });
const together = new Together(part("total"), { list, sending, weights, onFinished: finished });
const tools = new Tools(part("tools"), ({ lanes, limit, order: by }, name) => {
  sending.lanes.width = lanes;
  pacing.limit(limit);
  if (name === "order") attempt(() => order.by(by));
});
const panel = new Panel(part("plan"), {
  pieceSize: Number(dataset.pieceSize),
  copies: Number(dataset.copies),
  onChange: () => page.classList.toggle("planning", panel.items.length > 0),
});
const intake = new Intake({
  list,
  panel,
  sending,
  order,
  tools,
  limits: { maxSize: Number(dataset.maxSize), acceptAny: "acceptAny" in dataset },
  keepAbout,
  attempt,
  queue: part("queue"),
  objections: part("objections"),
});

// --- What can be done about a film ----------------------------------------------------

const acts = makeActs({
  list,
  sending,
  order,
  take: (found) => intake.take(found),
  another: (one) => intake.another(one),
  choose: () => part("file").click(),
  confirm: confirmCancel,
  async moveToTrash({ upload: { video } }) {
    // As it is now: the server asks which version is meant.
    const { headers } = await request("GET", at("video", video));
    await request("DELETE", at("video", video), { headers: { "If-Match": headers.get("ETag") } });
  },
  async copy(film) {
    await navigator.clipboard.writeText(new URL(film.upload.watch_url, location.href).href);
    toast(gettext("The link is copied."));
  },
});

/** What is said of a film is kept by the server, from the moment on that it knows of the film. */
async function keepAbout(film, change) {
  Object.assign(film.about, change);
  if (!film.upload) {
    film.unsent = { ...film.unsent, ...change };
    return;
  }
  const answer = await request("PATCH", at("about", film.upload.id), { json: change });
  list.learn(await answer.json());
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

// --- All of them ----------------------------------------------------------------------

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

keepFields(part("about-all"), async (change) => {
  // What is empty stays as it is.
  if (Object.values(change).every((value) => !value.length)) return false;
  await Promise.all(list.queue.map((film) => keepAbout(film, change)));
  return true;
});

/** What the page says beside its rows. */
function settle() {
  const { waiting } = list;
  const notice = part("waiting");
  notice.hidden = waiting.length === 0;
  notice.querySelector("[data-count]").textContent =
    filled(ngettext("One film waits for its file.", "%(count)s films wait for their files.", waiting.length), { count: waiting.length });
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
document.querySelector("[data-close-objections]").addEventListener("click", () => intake.dismissObjections());
// Enter in a field of the plan is no wish to send a form.
part("form").addEventListener("submit", (event) => event.preventDefault());

// --- And they begin ---------------------------------------------------------------------

for (const upload of JSON.parse(part("known-uploads").textContent)) list.learn(upload);
list.dropUnclaimedRows();
whenFilesCome(page, [part("file"), part("folder")], (found) => attempt(() => intake.take(found)));
intake.findHandles();
followUploads({ list, sending, dataset, onLive: (isLive) => (part("offline").hidden = isLive) });
// A speed is of the last seconds also where nothing happens.
setInterval(() => {
  for (const film of list.films) if (film.upload?.state === "receiving") list.show(film, { sort: false });
  together.show();
}, 1000);
