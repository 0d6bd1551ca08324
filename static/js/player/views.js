/** Where the picture is: fullscreen, theatre, picture in picture, and small in a corner while one reads. */

import { screen } from "./preferences.js";

export function views(player) {
  const { frame, video, acts } = player;

  const full = () => document.fullscreenElement === frame || document.webkitFullscreenElement === frame;
  acts.fullscreen = () => {
    if (full()) (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
    else if (frame.requestFullscreen) frame.requestFullscreen().catch(() => {});
    else if (frame.webkitRequestFullscreen) frame.webkitRequestFullscreen();
    else video.webkitEnterFullscreen?.();
  };
  player.on(document, "fullscreenchange webkitfullscreenchange", () => {
    player.name("fullscreen", full());
    frame.toggleAttribute("data-full", full());
    // A wide film on a phone held upright; where turning is not allowed nothing happens.
    if (full() && video.videoWidth > video.videoHeight) screen_.lock?.("landscape").catch(() => {});
    player.wake();
  });

  const root = document.documentElement;
  function theatre(on) {
    root.classList.toggle("theatre", on);
    player.name("theatre", on);
  }
  acts.theatre = () => {
    const on = !root.classList.contains("theatre");
    theatre(on);
    screen.set("theatre", on);
  };
  theatre(screen.get("theatre", false));

  const able = document.pictureInPictureEnabled || video.webkitSupportsPresentationMode?.("picture-in-picture");
  player.$(".fp-pip").hidden = !able;
  acts.pip = async () => {
    if (!able) return player.flash(player.word("no-pip"));
    try {
      if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
      else if (video.requestPictureInPicture) await video.requestPictureInPicture();
      else video.webkitSetPresentationMode("picture-in-picture");
    } catch {
      player.flash(player.word("no-pip"));
    }
  };
  player.on(video, "enterpictureinpicture", () => player.name("pip", true));
  player.on(video, "leavepictureinpicture", () => player.name("pip", false));
  mini(player);
}

const screen_ = globalThis.screen?.orientation ?? {};

/** While the film plays and one scrolls down to read, it stays in a corner. */
function mini(player) {
  const { frame, video, acts } = player;
  let [away, closed] = [false, false];

  function show() {
    const on = away && !closed && player.preferences.get("mini_player") !== false &&
      !video.ended && !player.hidden && !document.fullscreenElement && !document.pictureInPictureElement &&
      (!video.paused || frame.hasAttribute("data-mini"));
    frame.toggleAttribute("data-mini", on);
    player.$(".fp-mini-bar").hidden = !on;
  }
  new IntersectionObserver(([{ intersectionRatio }]) => {
    away = intersectionRatio < 0.25;
    if (!away) closed = false;
    show();
  }, { threshold: [0.25] }).observe(player);

  acts["mini-close"] = () => {
    closed = true;
    video.pause();
    show();
  };
  acts["back-up"] = () => {
    player.scrollIntoView({ block: "center" });
    player.$(".fp-play").focus({ preventScroll: true });
  };
  player.on(video, "play ended", show);
  player.on(player, "film-preference", show);
}
