/** What the player says of itself: loading, waiting, and why it cannot play, with what to do. */

import { filled, gettext } from "../gettext.js";
import { request } from "../http.js";
import { playable } from "./quality.js";
import { fill } from "./sentences.js";
import { isOver } from "./renewing.js";
import { cause, mood, passes, wait } from "./states.js";

const PATIENCE = 300;
const LONG = 8000;
const CODE = { network: 2, decode: 3 };

export function faces(player) {
  const { frame, video, acts } = player;
  const face = (name) => frame.querySelector(`[data-face="${name}"]`);
  const sentences = new WeakMap();
  let [attempt, countdown, quick] = [0, null, 0];
  let [wanted, at] = [false, 0];

  /** Show or hide one face; its sentence with a number is filled anew. */
  player.face = (name, on, facts = {}) => {
    for (const other of frame.querySelectorAll("[data-face]")) if (!on || other !== face(name)) other.hidden = true;
    const shown = on ? face(name) : null;
    if (shown) player.dataset.face = name;
    else delete player.dataset.face;
    // What lies under a face is for nobody to reach.
    player.$(".fp-controls").inert = broken();
    const words = shown?.querySelector("[data-again]");
    if (words) {
      if (!sentences.has(words)) sentences.set(words, words.textContent);
      words.textContent = fill(sentences.get(words), facts);
    }
    if (shown?.hidden) shown.hidden = false;
  };

  // --- waiting

  const spinner = player.$(".fp-spinner");
  const timers = [];
  function patience(busy) {
    if (busy && timers.length) return;
    while (timers.length) clearTimeout(timers.pop());
    spinner.hidden = true;
    player.$(".fp-reason").textContent = "";
    if (!busy) return;
    timers.push(
      setTimeout(() => {
        if (!navigator.onLine && video.readyState >= 1) return fail("offline");
        spinner.hidden = false;
      }, PATIENCE),
      setTimeout(() => (player.$(".fp-reason").textContent = player.word("slow")), LONG),
    );
  }
  function look() {
    if (video.error || broken()) return;
    const now = mood(video);
    patience(now === "loading" || now === "buffering");
    if (player.dataset.state === "autoplay-refused" && now === "idle") return;
    player.dataset.state = now;
  }
  const broken = () => Boolean(player.dataset.face) && player.dataset.face !== "up-next";
  player.on(video, "loadstart loadedmetadata loadeddata canplay playing pause play waiting seeking seeked ended stalled timeupdate emptied suspend", look);

  // --- failing

  function fail(name, retryAfter = 0) {
    patience(false);
    player.dataset.state = name;
    player.face(name, true, { seconds: 0 });
    clearInterval(countdown);
    if (!passes(name)) return;
    let seconds = Math.ceil(wait(attempt, retryAfter));
    player.face(name, true, { seconds });
    countdown = setInterval(() => {
      seconds -= 1;
      if (seconds <= 0) acts.retry();
      else player.face(name, true, { seconds });
    }, 1000);
  }

  /** What the browser does not tell, the source does, when it is asked for a single byte. */
  async function probe() {
    try {
      const answer = await request("GET", video.currentSrc.split("#")[0], { headers: { Range: "bytes=0-0", Accept: "*/*" } });
      await answer.body?.cancel();
      return { status: answer.status };
    } catch (error) {
      return { status: error.status ?? 0, retryAfter: error.retryAfter };
    }
  }
  async function failed() {
    const { code } = video.error;
    at = Math.max(at, video.currentTime);
    patience(false);
    if (code === CODE.decode) return undecodable(false);
    let { status, retryAfter } = await probe();
    if (isOver(status)) {
      status = await player.renew(status);
      if (status === 0) return acts.retry();
    }
    const name = cause({ status, online: navigator.onLine });
    if (name !== "undecodable") return fail(name, retryAfter);
    // The line broke and is whole again.
    if (code === CODE.network && quick < 3) {
      quick += 1;
      return acts.retry();
    }
    return code === CODE.network ? fail("no-server") : undecodable(false);
  }
  player.on(video, "error", failed);
  player.on(video, "play", () => (wanted = true));
  player.on(video, "pause", () => {
    if (!video.error && !broken()) wanted = false;
  });
  player.on(video, "timeupdate", () => {
    if (video.currentTime > 0) at = video.currentTime;
  });
  player.on(video, "playing", () => ([attempt, quick] = [0, 0]));

  acts.retry = () => {
    clearInterval(countdown);
    attempt += 1;
    const [again, position] = [wanted, at];
    player.face(null, false);
    video.load();
    if (position) video.currentTime = position;
    if (again) player.play();
    look();
  };

  // --- not for this browser

  /** What has played so far can be looked at again, so then the player stays. */
  function undecodable(blind) {
    video.pause();
    player.dataset.state = "undecodable";
    player.hidden = blind || at === 0;
    document.getElementById("undecodable").hidden = false;
    offer();
  }
  /** A rendition that this browser plays goes on at the moment where this one could not. */
  function offer() {
    const button = document.getElementById("other-quality");
    const other = playable(player.film.sources, player.quality, (type) => video.canPlayType(type) !== "");
    button.hidden = !other;
    const make = document.getElementById("make-quality");
    if (make) make.hidden = Boolean(other);
    if (!other) return;
    button.textContent = filled(gettext("Play it in %(quality)s"), { quality: other.quality });
    button.onclick = () => {
      const moment = Math.max(at, video.currentTime);
      document.getElementById("undecodable").hidden = true;
      player.hidden = false;
      player.setQuality(other.quality);
      if (moment) video.currentTime = moment;
      player.play();
      // The button is gone; what it began is stopped by this one.
      player.$(".fp-play").focus();
    };
  }
  // It hears a sound, and sees no picture.
  const blindly = () => video.readyState >= 1 && video.videoWidth === 0 && undecodable(true);
  player.on(video, "loadedmetadata", blindly);

  // --- the network, and the place to come back to

  function line() {
    player.$("[data-note=offline]").hidden = navigator.onLine;
  }
  player.on(window, "offline", line);
  player.on(window, "online", () => {
    line();
    if (player.dataset.face === "offline" || player.dataset.face === "no-server") acts.retry();
  });
  player.on(frame, "click", ({ target }) => {
    const link = target.closest("[data-sign-in]");
    if (!link) return;
    const here = new URL(location.href);
    if (at) here.searchParams.set("t", Math.floor(at));
    link.href = `${player.dataset.login}?next=${encodeURIComponent(here.pathname + here.search)}`;
  });
  player.$("[data-note=storing]").hidden = !player.hasAttribute("data-storing");

  line();
  if (video.error) failed();
  else blindly();
  look();
}
