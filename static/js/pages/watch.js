/** The watch page: the player, the parts below it, and stages as they go on. */

import { filled, gettext } from "../gettext.js";
import { FilmPlayer } from "../player/element.js";
import { begun } from "../player/webvtt.js";
import { follow } from "../live.js";
import { percent, size } from "../words.js";
import { showMaking } from "./edit_renditions.js";
import { refresh, soon } from "./refresh.js";
import { sharing } from "./watch_share.js";
import { tabs } from "./watch_tabs.js";
import { transcript } from "./watch_transcript.js";

const page = document.getElementById("watch");
const say = (words) => {
  document.getElementById("live").textContent = words;
};

// --- the player and what follows it; it may be swapped in later

const player = () => document.getElementById("film-player");
const film = () => player()?.video ?? { currentTime: 0 };
const seek = (time) => player()?.seek(time);
const parts = tabs(document.getElementById("tabs"));
const said = document.getElementById("transcript") ? transcript({ seek, video: film }) : null;
const share = sharing(document.getElementById("share"), { video: film, opener: document.getElementById("share-open") });
const chapters = [...document.querySelectorAll("#chapters [data-start]")].map((link) => ({ link, start: Number(link.dataset.start) }));

document.addEventListener("film-tab", ({ detail }) => parts.reveal({ proof: "proofs", chapters: "chapters" }[detail]));
for (const { link, start } of chapters) {
  link.addEventListener("click", (event) => {
    if (!player() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    seek(start);
  });
}
// What media tell does not bubble, so it is caught on its way down.
for (const type of ["timeupdate", "seeking"]) {
  document.addEventListener(type, ({ target }) => {
    if (target !== film()) return;
    said?.follow();
    share.follow();
    const now = begun(chapters, target.currentTime + 0.05);
    for (const [index, { link }] of chapters.entries()) {
      if (index === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, true);
}

// Who checks the film by themselves needs more of us than who watches it: that comes when asked for.
const check = document.getElementById("check");
async function beginToCheck() {
  try {
    const { checking } = await import(check.dataset.module);
    checking(check, { video: film, onEnd: (isRight) => player()?.checked?.(isRight) });
  } catch {
    listenToCheck();
    document.getElementById("check-said").textContent = check.querySelector("template").content.querySelector("[data-word=Unreachable]").textContent;
  }
}
const listenToCheck = () => document.getElementById("check-begin")?.addEventListener("click", beginToCheck, { once: true });
listenToCheck();

// Last, so that these hear what it says of itself when it begins.
customElements.define("film-player", FilmPlayer);

// --- what the server tells

async function renew() {
  const kind = document.getElementById("stage").dataset.kind;
  const fresh = await refresh(["title", "storage", "evidence", "facts", "proof", "pieces", "playback"], renew);
  if (!fresh) return;
  const stage = fresh.getElementById("stage");
  // A player that is playing stays; only another kind of stage takes its place.
  if (stage && stage.dataset.kind !== kind) document.getElementById("stage").replaceWith(document.adoptNode(stage));
  const told = document.getElementById("playback");
  if (told) player()?.retold?.(JSON.parse(told.textContent));
  const note = document.querySelector("[data-note=storing]");
  if (note) note.hidden = !stage?.querySelector("[data-storing]");
  const state = document.querySelector("#evidence .chip")?.textContent.trim();
  if (state) say(filled(gettext("State: %(state)s."), { state }));
}

function showStages(stages) {
  showMaking(document.querySelector("#evidence [data-making]"), stages);
  for (const { name, state, done, total } of stages) {
    if (name === "encrypt") showAnew(done, total);
    const item = document.querySelector(`#evidence [data-stage=${name}]`);
    if (!item) continue;
    item.dataset.state = state;
    item.querySelector("[data-word]").textContent = state;
    if (state === "running" && total) {
      const bar = document.getElementById("progress");
      bar.max = total;
      bar.value = done;
      document.getElementById("progress-words").textContent =
        filled(gettext("%(part)s of %(whole)s · %(percent)s"), { part: size(done), whole: size(total), percent: `${percent(done, total)} %` });
    }
  }
}

function showAnew(done, total) {
  const bar = document.getElementById("anew");
  if (!bar) return;
  bar.max = total || 1;
  bar.value = done;
}

if (page.dataset.events) {
  const soonRenew = soon(renew);
  const { video, socket, events, seq, refused } = page.dataset;
  follow({
    socket,
    events,
    seq: Number(seq),
    onMessage: ({ type, data }) => {
      if (type === "reset") soonRenew();
      // Refused: there is no such film any more; its upload says why.
      else if (type === "upload.refused" && data.was === video) location.assign(refused);
      else if (type === "snapshot") {
        const now = data.videos.find(({ id }) => id === video);
        if (now?.stages) showStages(now.stages);
      }
      else if (type === "video.progress") {
        if (data.id === video) showStages(data.stages);
      } else if (data?.video === video) soonRenew();
    },
  });
}
