/** The watch page: keys, a film that cannot be decoded here, and stages as they go on. */

import { command } from "../keys.js";
import { follow } from "../live.js";
import { percent, size } from "../words.js";
import { refresh, soon } from "./refresh.js";

const page = document.getElementById("watch");
const player = () => document.getElementById("player");
const say = (words) => {
  document.getElementById("live").textContent = words;
};

function act(video, { play, seek, jump, volume, mute, fullscreen }) {
  if (play) video.paused ? video.play().catch(() => {}) : video.pause();
  if (seek) video.currentTime = Math.max(0, video.currentTime + seek);
  if (jump !== undefined && Number.isFinite(video.duration)) video.currentTime = jump * video.duration;
  if (volume) video.volume = Math.min(1, Math.max(0, video.volume + volume));
  if (mute) video.muted = !video.muted;
  if (fullscreen) {
    if (document.fullscreenElement) document.exitFullscreen();
    else video.requestFullscreen?.();
  }
}

document.addEventListener("keydown", (event) => {
  const video = player();
  // Only when the player or nothing else has the keys.
  if (!video || video.hidden || ![video, document.body, document.getElementById("main")].includes(event.target)) return;
  const wish = command(event);
  if (!wish) return;
  event.preventDefault();
  act(video, wish);
});

/**
 * Where the browser gives up, or hears a sound and sees no picture, there is the download.
 * What has played so far can be looked at again, so then the player stays.
 */
function offerDownload(video) {
  const { MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED } = MediaError;
  const gaveUp = [MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED].includes(video.error?.code);
  const blind = video.readyState >= video.HAVE_METADATA && video.videoWidth === 0;
  if (!gaveUp && !blind) return;
  video.pause();
  video.hidden = blind || video.currentTime === 0;
  document.getElementById("undecodable").hidden = false;
}

// What media tell does not bubble, so it is caught on its way down; the player may be
// swapped in later.
for (const type of ["error", "loadedmetadata"]) {
  document.addEventListener(type, ({ target }) => target === player() && offerDownload(target), true);
}
if (player()) offerDownload(player());

async function renew() {
  const kind = document.getElementById("stage").dataset.kind;
  const fresh = await refresh(["title", "storage", "evidence", "facts", "proof", "pieces"]);
  if (!fresh) return;
  const stage = fresh.getElementById("stage");
  // A player that is playing stays; only another kind of stage takes its place.
  if (stage && stage.dataset.kind !== kind) document.getElementById("stage").replaceWith(document.adoptNode(stage));
  const state = document.querySelector("#evidence .chip")?.textContent.trim();
  if (state) say(`State: ${state}.`);
}

function showStages(stages) {
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
        `${size(done)} of ${size(total)} · ${percent(done, total)} %`;
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
