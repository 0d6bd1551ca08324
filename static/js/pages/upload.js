/** The upload page: files in, rows that tell how far each is, and what can be done about it. */

import { objection } from "../files.js";
import { getJson, request } from "../http.js";
import { follow } from "../live.js";
import { fingerprint, match } from "../matching.js";
import { Sending } from "../sending.js";
import { Ids } from "../storage.js";
import { Titles } from "../titles.js";
import { whenFilesCome } from "./dropping.js";
import { makeActs } from "./upload_acts.js";
import { UploadList } from "./upload_list.js";
import { propose } from "./upload_plan.js";

const page = document.getElementById("uploads");
const rows = document.getElementById("rows");
const picker = document.getElementById("file");
const videoUrl = (film) => page.dataset.video.replace("ID", film.upload.video);

const list = new UploadList({
  rows,
  template: document.getElementById("row"),
  titles: new Titles((film, title) => request("PATCH", videoUrl(film), { json: { title } })),
  kept: new Ids("kept"),
  dismissed: new Ids("dismissed"),
});
const sending = new Sending({
  endpoint: page.dataset.endpoint,
  chunkSize: Number(page.dataset.chunkSize),
  visibility: () => page.querySelector("[name=visibility]:checked").value,
  onBegun: (film) => {
    // Typed while it began: too late for the upload, in time for the film.
    if (film.typed && film.title !== film.upload.title) list.titles.keep(film);
    film.title = list.titles.of(film.upload);
  },
  onChange: (film) => list.show(film),
});

// --- Files in -------------------------------------------------------------------------

function take(files) {
  const limits = {
    maxSize: Number(page.dataset.maxSize),
    acceptAny: page.hasAttribute("data-accept-any"),
  };
  const { present } = list;
  const again = (file) => (present.has(fingerprint(file)) ? "It is in the list already." : null);
  const looked = files.map((file) => ({ file, why: objection(file, limits) || again(file) }));
  showObjections(looked.filter(({ why }) => why));
  const good = looked.filter(({ why }) => !why).map(({ file }) => file);
  const { resumed, changed, fresh } = match(good, list.waiting.map(({ upload }) => upload));
  for (const { file, upload } of resumed) sending.add(list.filmOf(upload), file);
  for (const { file, upload } of changed) {
    const film = list.filmOf(upload);
    film.job = { file, state: "changed" };
    list.show(film);
  }
  if (fresh.length) propose(fresh, begin);
}

function begin(files) {
  const films = files.map((file) =>
    list.add({
      upload: null,
      job: { file, state: "queued" },
      title: file.name.replace(/\.[^.]{1,5}$/, ""),
    }),
  );
  // Rows go in at the top, so the last of a batch goes in first.
  for (const film of films.toReversed()) list.show(film);
  for (const film of films) sending.add(film, film.job.file);
}

function showObjections(objections) {
  const items = objections.map(({ file, why }) => {
    const item = document.createElement("li");
    item.textContent = `“${file.name}” is not sent. ${why}`;
    return item;
  });
  const box = document.getElementById("objections");
  box.replaceChildren(...items);
  box.hidden = items.length === 0;
}

// --- What can be done about a film ----------------------------------------------------

const acts = makeActs({
  list,
  sending,
  take,
  choose: () => picker.click(),
  another: (file) => begin([file]),
  moveToTrash: (film) => request("DELETE", videoUrl(film)),
});

rows.addEventListener("click", async ({ target }) => {
  const button = target.closest("button[data-offer]");
  if (!button) return;
  const { film } = button.closest("[data-row]");
  try {
    await acts[button.dataset.offer](film);
  } catch (error) {
    list.say(error.message);
    film.row.querySelector("[data-words]").textContent = error.message;
  }
});

rows.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-title]")) return;
  const { film } = target.closest("[data-row]");
  film.title = target.value.trim() || film.title;
  film.typed = true;
  list.titles.keep(film);
});

window.addEventListener("beforeunload", (event) => {
  if (sending.busy) event.preventDefault();
});

// --- What happens ---------------------------------------------------------------------

/** The server lists the newest first; rows go in at the top. */
function learnAll(uploads) {
  for (const upload of uploads.toReversed()) list.learn(upload);
}

async function ask(film) {
  try {
    if (film) list.learn(await getJson(film.upload.url));
  } catch {
    // The next event, or the next round, asks again.
  }
}

async function askAll() {
  const { items } = await getJson(page.dataset.endpoint);
  learnAll(items.filter((upload) => upload.state === "receiving" || list.filmOf(upload)));
}

learnAll(JSON.parse(document.getElementById("known-uploads").textContent));
list.dropUnclaimedRows();
whenFilesCome(page, picker, take);
follow({
  socket: page.dataset.socket,
  events: page.dataset.events,
  seq: Number(page.dataset.seq),
  onMessage({ type, data }) {
    if (type === "snapshot") learnAll(data.uploads);
    else if (type === "upload.progress") list.learn(data);
    else if (type === "video.progress") list.learnStages(data);
    else if (type === "reset") askAll();
    else ask(list.filmOfEvent(data));
  },
  onPoll: askAll,
  onLive: (isLive) => {
    document.getElementById("offline").hidden = isLive;
  },
});
