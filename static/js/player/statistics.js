/** Statistics for who wants to know, over the film. */

import { clock, size } from "../words.js";
import { ranges } from "./bar.js";
import { named } from "./quality.js";

export function statistics(player) {
  const { video, film, acts } = player;
  const list = player.$(".fp-stats");
  let timer = null;

  function facts() {
    const source = named(film.sources, player.quality);
    const quality = video.getVideoPlaybackQuality?.() ?? {};
    const ahead = ranges(video.buffered).find(([start, end]) => start <= video.currentTime && video.currentTime <= end);
    return {
      source: source ? [source.kind, source.type, source.codecs?.join(" + ")].filter(Boolean).join(" · ") : video.currentSrc.split("/").slice(3).join("/"),
      size: source?.size ? size(source.size) : "–",
      picture: `${video.videoWidth} × ${video.videoHeight}`,
      buffered: ahead ? `${(ahead[1] - video.currentTime).toFixed(1)} s` : "0 s",
      dropped: `${quality.droppedVideoFrames ?? "–"} / ${quality.totalVideoFrames ?? "–"}`,
      position: `${clock(video.currentTime)} (${video.currentTime.toFixed(2)} s) · ${video.playbackRate}×`,
      checked: player.word(film.verification === "blocks" ? "checked-blocks" : "checked-none"),
    };
  }
  function show() {
    list.replaceChildren(
      ...Object.entries(facts()).flatMap(([name, value]) => {
        const [term, said] = [document.createElement("dt"), document.createElement("dd")];
        [term.textContent, said.textContent] = [player.word(`stat-${name}`), value];
        return [term, said];
      }),
    );
  }
  acts.stats = () => {
    for (const dialog of player.frame.querySelectorAll("dialog[open]")) dialog.close();
    list.hidden = !list.hidden;
    clearInterval(timer);
    if (list.hidden) return;
    show();
    timer = setInterval(show, 500);
  };
}
