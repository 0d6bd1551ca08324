/** The settings menu: speed, sound track, and what a person or this device prefers. */

import { speed } from "./speeds.js";

export function settings(player) {
  const { frame, video, preferences } = player;
  const menu = player.$("[data-menu=settings]");
  const number = menu.querySelector("[data-speed]");

  function showSpeed() {
    number.value = video.playbackRate;
    for (const one of menu.querySelectorAll("[name=fp-speed]")) one.checked = Number(one.value) === video.playbackRate;
  }
  player.on(menu, "change", ({ target }) => {
    if (target.name === "fp-speed") player.setSpeed(target.value);
    if (target === number) {
      if (speed(number.value) === null) showSpeed();
      else player.setSpeed(number.value);
    }
  });
  player.on(video, "ratechange", showSpeed);

  const switches = [...frame.querySelectorAll("[data-preference]")];
  const show = () => {
    for (const one of switches) one.checked = preferences.get(one.dataset.preference) !== false;
  };
  for (const one of switches) {
    player.on(one, "change", () => {
      preferences.set(one.dataset.preference, one.checked);
      show();
      player.tell("film-preference", one.dataset.preference);
    });
  }
  show();

  player.on(player, "film-menu", () => {
    const link = new URL(location.href);
    link.searchParams.set("t", Math.floor(video.currentTime));
    link.hash = "";
    menu.querySelector("[data-moment]").dataset.copy = link.href;
    showTracks();
  });

  /** Several sound tracks, where the browser can change between them. */
  function showTracks() {
    const tracks = [...(video.audioTracks ?? [])];
    const line = menu.querySelector("[data-audio]");
    line.hidden = tracks.length < 2;
    const select = line.querySelector("select");
    select.replaceChildren(
      ...tracks.map((track, index) => new Option(track.label || track.language || String(index + 1), index, false, track.enabled)),
    );
    select.onchange = () => tracks.forEach((track, index) => (track.enabled = index === Number(select.value)));
  }
}
