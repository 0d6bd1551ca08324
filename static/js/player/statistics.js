/** Statistics for who wants to know, over the film. */

import { getJson, request } from "../http.js";
import { clock, size } from "../words.js";
import { ranges } from "./bar.js";
import { named } from "./quality.js";
import { smoothness } from "./smoothness.js";

const SHOWN_EVERY = 500;
const ASKED_EVERY = 5_000;

/** The byte that lies about where the film is; films have no more bytes at one time than another. Pure. */
export function byteAt({ size: all, currentTime, duration }) {
  return duration > 0 ? Math.min(all - 1, Math.floor((all * currentTime) / duration)) : 0;
}

export function statistics(player) {
  const { video, film, acts } = player;
  const list = player.$(".fp-stats");
  const source = () => named(film.sources, player.quality);
  let timers = [];
  // From where bytes come, as the server tells whoever may change the film.
  let from = null;
  // All that came of it so far, which they are told as well.
  let sums = null;
  const smooth = smoothness({ video, on: (types, heard) => player.on(video, types, heard) });

  function facts() {
    const now = source();
    const quality = video.getVideoPlaybackQuality?.() ?? {};
    const ahead = ranges(video.buffered).find(([start, end]) => start <= video.currentTime && video.currentTime <= end);
    return {
      source: now ? [now.kind, now.type, now.codecs?.join(" + ")].filter(Boolean).join(" · ") : video.currentSrc.split("/").slice(3).join("/"),
      size: now?.size ? size(now.size) : "–",
      picture: `${video.videoWidth} × ${video.videoHeight}`,
      buffered: ahead ? `${(ahead[1] - video.currentTime).toFixed(1)} s` : "0 s",
      dropped: `${quality.droppedVideoFrames ?? "–"} / ${quality.totalVideoFrames ?? "–"}`,
      position: `${clock(video.currentTime)} (${video.currentTime.toFixed(2)} s) · ${video.playbackRate}×`,
      start: smooth.start === null ? "–" : seconds(smooth.start),
      stalls: smooth.stalls ? `${smooth.stalls} (${seconds(smooth.stood)})` : "0",
      ...(sums && summed(sums)),
      ...("editor" in player.dataset && { from: from ? from.name : player.word("from-asking") }),
      checked: player.word(`checked-${from?.verified || (film.verification === "blocks" ? "now" : "stored")}`),
    };
  }
  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  function summed({ sources, failovers, complete }) {
    const said = sources.map(({ source: name, bytes }) => `${name} ${size(bytes)}`).join(" · ") || size(0);
    return { sums: complete ? said : player.word("sums-least", { sums: said }), failovers: String(failovers) };
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
  /** What a video asks for tells a page nothing, so one byte is asked for beside it. */
  async function ask() {
    const now = source();
    if (!now?.size) return;
    const at = byteAt({ size: now.size, currentTime: video.currentTime, duration: player.duration });
    let told = new Headers();
    try {
      const answer = await request("GET", video.currentSrc, { headers: { Accept: "*/*", Range: `bytes=${at}-${at}` }, cache: "no-store" });
      told = answer.headers;
      await answer.arrayBuffer();
    } catch {
      // The film's own faces say what is wrong; here it is only not known.
    }
    sums = await getJson(player.dataset.delivery, { cache: "no-store" }).catch(() => sums);
    const name = told.get("X-Filmedia-Source");
    from = { name: name ? player.word(`from-${name}`) || name : player.word("from-unknown"), verified: told.get("X-Filmedia-Verified") };
  }
  acts.stats = () => {
    for (const dialog of player.frame.querySelectorAll("dialog[open]")) dialog.close();
    list.hidden = !list.hidden;
    for (const timer of timers) clearInterval(timer);
    timers = [];
    if (list.hidden) return;
    show();
    timers.push(setInterval(show, SHOWN_EVERY));
    if (!("editor" in player.dataset)) return;
    ask();
    timers.push(setInterval(ask, ASKED_EVERY));
  };
}
