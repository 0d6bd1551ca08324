/** The row of buttons: what they do, what they are called now, and when they hide. */

import { clock } from "../words.js";
import { chapterAt } from "./bar.js";
import { screen } from "./preferences.js";

const IDLE = 3000;

export function controls(player) {
  const { frame, video, acts, film } = player;
  const button = (act) => player.$(`.fp-row [data-act=${act}]`);
  const names = new Map();

  /** A button's name is what it does now. */
  player.name = (act, on) => {
    const one = button(act);
    if (!one) return;
    names.get(one) ?? names.set(one, one.getAttribute("aria-label"));
    one.toggleAttribute("data-is-on", Boolean(on));
    one.setAttribute("aria-label", on ? one.dataset[on === "again" ? "again" : "on"] : names.get(one));
  };

  player.on(frame, "click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) player.act(act);
  });

  function showSound() {
    const silent = video.muted || video.volume === 0;
    const slider = player.$(".fp-slider");
    const percent = silent ? 0 : Math.round(video.volume * 100);
    player.name("mute", silent);
    slider.value = percent;
    slider.setAttribute("aria-valuetext", `${percent} %`);
    slider.style.setProperty("--full", `${percent}%`);
  }
  player.on(player.$(".fp-slider"), "input", ({ target }) => {
    video.muted = Number(target.value) === 0;
    if (!video.muted) video.volume = target.value / 100;
  });

  function showPlay() {
    player.name("play", video.ended ? "again" : !video.paused);
    frame.toggleAttribute("data-ended", video.ended);
    frame.toggleAttribute("data-paused", video.paused);
  }

  let remaining = screen.get("remaining", false);
  acts.remaining = () => {
    remaining = !remaining;
    screen.set("remaining", remaining);
    showTime();
  };
  function showTime() {
    const { duration } = player;
    const now = remaining && duration ? `−${clock(Math.max(0, duration - video.currentTime))}` : clock(video.currentTime);
    player.$("[data-now]").textContent = now;
    if (duration) player.$("[data-length]").textContent = clock(duration);
    player.name("remaining", remaining);
    const chapter = chapterAt(film.chapters, video.currentTime);
    const shown = button("chapters");
    shown.hidden = !chapter;
    shown.querySelector("[data-chapter]").textContent = chapter?.title ?? "";
  }
  acts.chapters = () => player.tell("film-tab", "chapters");

  player.on(video, "play pause ended emptied", showPlay);
  player.on(video, "volumechange", showSound);
  player.on(video, "timeupdate seeking durationchange loadedmetadata ended", showTime);
  hiding(player);
  showPlay();
  showSound();
  showTime();
}

/** Controls go after a while without input; never while the keys are inside, or a menu is open. */
function hiding(player) {
  const { frame, video } = player;
  let timer = null;
  const needed = () =>
    video.paused || frame.querySelector("dialog[open], .fp-card:not([hidden])") || frame.querySelector(":focus-visible:not(video)") || player.dragging;
  const hide = () => {
    if (needed()) player.wake();
    else frame.removeAttribute("data-awake");
  };
  player.wake = () => {
    frame.setAttribute("data-awake", "");
    clearTimeout(timer);
    timer = setTimeout(hide, IDLE);
  };
  player.on(frame, "pointermove pointerdown focusin keydown", ({ pointerType }) => {
    // A finger wakes them by a tap, see gestures.js.
    if (pointerType !== "touch") player.wake();
  });
  player.on(frame, "pointerleave", ({ pointerType }) => pointerType === "mouse" && !video.paused && hide());
  player.on(video, "play pause seeking", player.wake);
  player.sleep = () => {
    clearTimeout(timer);
    hide();
  };
  player.wake();
}
