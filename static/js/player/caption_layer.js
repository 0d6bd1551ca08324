/** Captions, drawn by us so that their look can be chosen; by the browser where it takes the picture away. */

import { first, following, look, preferred } from "./captions.js";

export function captionLayer(player) {
  const { frame, video, film, acts, preferences } = player;
  const layers = frame.querySelectorAll(".fp-captions");
  const menu = player.$("[data-menu=captions]");
  const tracks = new Map([...video.querySelectorAll("track[data-caption]")].map((one) => [one.dataset.caption, one]));
  const browser = navigator.language;
  const wished = () => preferences.get("captions");
  const by = (id) => film.captions.find((one) => one.id === id) ?? null;
  let chosen = null;
  let native = false;

  function draw() {
    const cues = native || !chosen ? [] : [...(tracks.get(chosen.id)?.track.activeCues ?? [])];
    const lines = cues.map((cue) => {
      const line = document.createElement("span");
      line.lang = chosen.language;
      line.append(cue.getCueAsHTML());
      return line;
    });
    layers[0].replaceChildren(...lines);
    layers[0].hidden = !lines.length;
  }

  function apply() {
    for (const [id, { track }] of tracks) {
      track.mode = id !== chosen?.id ? "disabled" : native ? "showing" : "hidden";
    }
    for (const radio of menu.querySelectorAll("[name=fp-language]")) radio.checked = radio.value === (chosen?.id ?? "");
    player.$(".fp-row [data-act=captions-menu]").toggleAttribute("data-is-on", Boolean(chosen));
    draw();
    player.tell("film-captions", chosen);
  }

  function choose(caption, { remember = true } = {}) {
    chosen = caption;
    if (remember) preferences.set("captions", { ...wished(), on: Boolean(caption), ...(caption && { language: caption.language }) });
    apply();
  }
  const name = () => (chosen ? player.word("captions", { name: chosen.label }) : player.word("captions-off"));

  acts.captions = (which) => {
    if (!tracks.size) return player.flash(player.word("captions-none"));
    if (which === "next") choose(following(film.captions, chosen?.id ?? null));
    else choose(chosen ? null : preferred(film.captions, wished().language, browser));
    player.flash(name());
  };

  function dress() {
    for (const layer of layers) Object.assign(layer.dataset, look(wished()));
    for (const [part, value] of Object.entries(look(wished()))) {
      for (const radio of menu.querySelectorAll(`[name=fp-${part}]`)) radio.checked = radio.value === value;
    }
  }
  player.on(menu, "change", ({ target }) => {
    const part = target.name.replace("fp-", "");
    if (part === "language") choose(by(target.value));
    else {
      preferences.set("captions", { ...wished(), [part]: target.value });
      dress();
    }
  });

  for (const element of tracks.values()) {
    player.on(element.track, "cuechange", draw);
    player.on(element, "load", draw);
  }
  const takenAway = (is) => () => {
    native = is;
    apply();
  };
  player.on(video, "enterpictureinpicture webkitbeginfullscreen", takenAway(true));
  player.on(video, "leavepictureinpicture webkitendfullscreen", takenAway(false));

  dress();
  choose(first(film.captions, wished(), player.asked.cc, browser), { remember: false });
}
