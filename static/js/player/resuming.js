/** Where the film begins, what is offered about it, and keeping how far somebody has come. */

import { clock } from "../words.js";
import { fill } from "./sentences.js";
import { sendKept } from "./progress.js";
import { beginning, latest, tooEarly, watched } from "./resume.js";

const OFFERED = 6000;
const EVERY = 10_000;
const SETTLED = 800;

export function resuming(player) {
  const { video, film, acts, progress, asked } = player;
  // Who keeps no history finds none here either.
  const keeps = player.preferences.get("history") !== false;
  const kept = keeps ? latest(film.resume, progress.here) : null;
  const { start, offer, linked } = beginning({ link: asked.start, kept, duration: player.duration || null });
  if (start !== null) begin(player, start);
  if (offer !== null) present(player, linked ? "linked" : "resume", { kept, offer });

  acts.resume = () => player.play();
  acts["start-over"] = () => {
    player.seek(0);
    player.play();
  };
  acts["go-back"] = () => {
    player.seek(Math.max(0, offer - 3));
    player.play();
  };

  stopAtEnd(player);
  if (keeps) keeping();
  const { kept: all, viewer } = player.dataset;
  const tell = () => sendKept(all, viewer).catch(() => {
    // Next time.
  });
  tell();
  player.on(window, "online", tell);

  /** Nothing to keep before it has played; what is too early is not worth coming back to. */
  function keeping() {
    let played = false;
    let last = 0;
    let settling = null;
    const keep = (leaving = false) => {
      const { currentTime } = video;
      if (!played || video.readyState < 1 || tooEarly(currentTime, player.duration)) return;
      last = performance.now();
      progress.keep(currentTime, { finished: video.ended || watched(currentTime, player.duration, film.chapters), leaving });
    };
    player.on(video, "playing", () => {
      played = true;
      last ||= performance.now();
    });
    player.on(video, "timeupdate", () => !video.paused && performance.now() - last >= EVERY && keep());
    player.on(video, "pause ended", () => keep());
    // Who jumps about is asked once where they came to.
    player.on(video, "seeked", () => {
      clearTimeout(settling);
      settling = setTimeout(keep, SETTLED);
    });
    player.on(document, "visibilitychange", () => document.visibilityState === "hidden" && keep(true));
    player.on(window, "pagehide", () => keep(true));
  }
}

/** Some browsers forget what they were told before they knew the film. */
function begin({ video }, start) {
  video.currentTime = start;
  if (video.readyState >= 1) return;
  const again = () => Math.abs(video.currentTime - start) > 1 && (video.currentTime = start);
  video.addEventListener("loadedmetadata", again, { once: true });
}

/** A card that goes by itself, but not while somebody points at it or has it under the keys. */
function present(player, name, { kept, offer }) {
  const card = player.$(`[data-card=${name}]`);
  const words = card.querySelector("[data-fill]");
  words.textContent = fill(words.textContent, { at: clock(offer) });
  const other = card.querySelector("[data-device]");
  if (other && kept.device && kept.device !== player.device) {
    other.textContent = fill(other.textContent, { device: kept.device });
    other.hidden = false;
  }
  card.hidden = false;
  const hide = () => {
    if (card.matches(":hover, :focus-within")) setTimeout(hide, 1000);
    else card.hidden = true;
  };
  setTimeout(hide, OFFERED);
  player.on(card, "click", () => (card.hidden = true));
}

/** A link to a part stops where the part ends; who goes on after that is let. */
function stopAtEnd(player) {
  const { video, asked } = player;
  let { end } = asked;
  if (end === null) return;
  player.on(video, "timeupdate", () => {
    if (end === null || video.paused || video.currentTime < end) return;
    video.pause();
    video.currentTime = end;
    end = null;
    player.flash(player.word("range-end"));
  });
  player.on(player, "film-seek", () => {
    if (end !== null && video.currentTime >= end) end = null;
  });
}
