/** A new address of the film, where the one that it plays from is over. */

import { getJson } from "../http.js";
import { named } from "./quality.js";

const OVER = new Set([403, 410]);

/** Whether an address that answers so may be over while the film is not. Pure. */
export const isOver = (status) => OVER.has(status);

export function renewing(player) {
  const { video } = player;
  const { playback } = player.dataset;
  let asked = false;
  // Asked once: what ends at once each time is not for this viewer.
  player.on(video, "playing", () => (asked = false));

  /** Take a new address; 0 when there is one, or else the status that says why there is none. */
  player.renew = async (status) => {
    if (asked || !playback) return status;
    asked = true;
    try {
      player.film.sources = (await getJson(playback)).sources;
      // It may be gone by now; then the film goes on as it is.
      const source = named(player.film.sources, player.quality) ?? player.film.sources[0];
      player.quality = source?.quality ?? "";
      if (!source || source.url === new URL(video.src).pathname) return status;
      video.src = source.url;
      return 0;
    } catch (error) {
      return error.status || status;
    }
  };
}
