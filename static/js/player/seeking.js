/** The seek bar: a slider for pointers and keys, what is here of the film, and a look ahead. */

import { request } from "../http.js";
import { clock } from "../words.js";
import { chapterAt, chapterStart, inside, painted, ranges, shareAt, slits } from "./bar.js";
import { spoken } from "./moments.js";
import { tileAt, tiles } from "./storyboard.js";

const WIDEST = 200;

export function seeking(player) {
  const { video, film } = player;
  const [seek, bar] = [player.$(".fp-seek"), player.$(".fp-bar")];
  let held = null;
  const lang = document.documentElement.lang || "en";

  function showPlayed({ type } = {}) {
    const { duration } = player;
    const at = held ?? video.currentTime;
    bar.style.setProperty("--played", duration ? String(at / duration) : "0");
    // Who has the keys on it hears where they go, and not each tick of the clock.
    if (type === "timeupdate" && !video.paused && document.activeElement === bar) return;
    bar.setAttribute("aria-valuemax", Math.round(duration));
    bar.setAttribute("aria-valuenow", Math.round(at));
    const chapter = chapterAt(film.chapters, at)?.title;
    const said = { at: spoken(at, lang), length: spoken(duration, lang), chapter };
    bar.setAttribute("aria-valuetext", player.word(chapter ? "position-chapter" : "position", said));
  }
  function showLoaded() {
    const here = painted(ranges(video.buffered), player.duration);
    player.$(".fp-buffered").style.backgroundImage = here;
    player.$(".fp-verified-line").style.backgroundImage = here;
  }
  function showShape() {
    player.$(".fp-track").style.maskImage = slits(film.chapters, player.duration);
    player.$(".fp-verified-line").hidden = film.verification !== "blocks";
    const { start, end } = player.asked;
    const range = player.$(".fp-range");
    range.hidden = end === null || !player.duration;
    range.style.backgroundImage = range.hidden ? "none" : painted([[start ?? 0, Math.min(end, player.duration)]], player.duration);
    showPlayed();
    showLoaded();
  }
  player.on(video, "timeupdate seeking seeked", showPlayed);
  player.on(video, "progress seeked loadeddata", showLoaded);
  player.on(video, "durationchange loadedmetadata", showShape);
  showShape();

  const preview = previews(player, seek);
  const timeAt = ({ clientX }) => shareAt(clientX, bar.getBoundingClientRect()) * player.duration;
  player.on(seek, "pointerdown", (event) => {
    if (event.button !== 0 || !player.duration) return;
    event.preventDefault();
    bar.focus({ preventScroll: true, focusVisible: false });
    seek.setPointerCapture(event.pointerId);
    player.dragging = true;
    held = timeAt(event);
    showPlayed();
    preview.show(held);
  });
  player.on(seek, "pointermove", (event) => {
    if (!player.duration) return;
    preview.show(timeAt(event));
    if (held === null) return;
    held = timeAt(event);
    showPlayed();
  });
  player.on(seek, "pointerup pointercancel", ({ type, pointerType }) => {
    if (held === null) return;
    if (type === "pointerup") player.seek(held);
    held = null;
    player.dragging = false;
    if (pointerType !== "mouse") preview.hide();
    showPlayed();
  });
  player.on(seek, "pointerleave", () => held === null && preview.hide());
  player.on(bar, "focus", () => bar.matches(":focus-visible") && preview.show(video.currentTime));
  player.on(bar, "blur", preview.hide);

  const steps = {
    ArrowLeft: (time) => time - 5,
    ArrowRight: (time) => time + 5,
    ArrowDown: (time) => time - 5,
    ArrowUp: (time) => time + 5,
    PageUp: (time) => chapterStart(film.chapters, time, -1) ?? time - 60,
    PageDown: (time) => chapterStart(film.chapters, time, 1) ?? time + 60,
    Home: () => 0,
    End: () => player.duration,
  };
  player.on(bar, "keydown", (event) => {
    if (event.key === "Escape") preview.hide();
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const still = event.shiftKey && event.key.startsWith("Arrow") ? (step(0) > 0 ? 1 : -1) : null;
    player.seek(still === null ? step(video.currentTime) : video.currentTime + still);
    preview.show(video.currentTime);
  });
}

/** The small picture, time and chapter over the bar. Pictures come when they are first wanted. */
function previews(player, seek) {
  const box = player.$(".fp-preview");
  const tile = player.$(".fp-tile");
  let board = null;
  let shown = null;

  async function load() {
    board = [];
    try {
      const answer = await request("GET", player.film.storyboard, { headers: { Accept: "text/vtt" } });
      board = tiles(await answer.text(), answer.url);
    } catch {
      // Not made yet, or out of reach: the time alone is shown, and it is asked for no more.
    }
    if (shown !== null) show(shown);
  }
  function paint(found) {
    tile.hidden = !found;
    if (!found) return;
    const scale = Math.min(1, WIDEST / found.w);
    Object.assign(tile.style, {
      width: `${found.w}px`,
      height: `${found.h}px`,
      zoom: scale,
      backgroundImage: `url("${encodeURI(decodeURI(found.url))}")`,
      backgroundPosition: `-${found.x}px -${found.y}px`,
    });
  }
  function show(time) {
    shown = Math.max(0, Math.min(time, player.duration));
    if (!board && player.film.storyboard) load();
    paint(board?.length ? tileAt(board, shown) : null);
    box.querySelector("[data-at]").textContent = clock(shown);
    box.querySelector("[data-chapter]").textContent = chapterAt(player.film.chapters, shown)?.title ?? "";
    box.hidden = false;
    const width = seek.clientWidth;
    const at = player.duration ? (shown / player.duration) * width : 0;
    box.style.setProperty("--left", `${inside(at, box.offsetWidth, width)}px`);
  }
  const hide = () => {
    shown = null;
    box.hidden = true;
  };
  return { show, hide };
}
