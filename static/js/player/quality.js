/** The qualities a film is there in: the original, and renditions of it. Position, speed and captions stay. */

/** What can be chosen, the original first; a playlist chooses by itself. Pure. */
export const choices = (sources) => sources.filter(({ kind }) => kind !== "hls");

/** The source of this quality; no words for the original. Pure. */
export const named = (sources, quality) => choices(sources).find((one) => (one.quality ?? "") === quality) ?? null;

/** The largest rendition that a browser plays which `plays` this type, other than the one that failed. Pure. */
export const playable = (sources, failed, plays) =>
  choices(sources).find(({ kind, quality: name, type }) => kind === "rendition" && name !== failed && plays(type)) ?? null;

export function quality(player) {
  const { video, film } = player;
  const menu = player.$("[data-menu=settings]");
  const radios = [...menu.querySelectorAll("[name=fp-quality]")];
  const tracks = () => [...video.textTracks];
  player.quality = "";

  /** Play on from another source, as if nothing had happened. */
  player.changeSource = ({ url }) => {
    const { currentTime, paused, playbackRate, ended } = video;
    const shown = tracks().map(({ mode }) => mode);
    video.src = url;
    video.defaultPlaybackRate = video.playbackRate = playbackRate;
    tracks().forEach((track, index) => (track.mode = shown[index]));
    if (currentTime) video.currentTime = currentTime;
    if (!paused && !ended) player.play();
  };
  player.setQuality = (wished) => {
    const source = named(film.sources, wished);
    if (!source || wished === player.quality) return;
    player.quality = wished;
    player.changeSource(source);
    show();
    player.flash(player.word("quality", { quality: wished || player.word("original") }));
  };

  function show() {
    for (const one of radios) one.checked = one.value === player.quality;
  }
  player.on(menu, "change", ({ target }) => target.name === "fp-quality" && player.setQuality(target.value));
  show();
}
