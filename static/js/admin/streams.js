/**
 * Who watches what, as it goes on. What changes every moment is put where it stands; a stream
 * that came or went has the part looked at anew, so that the server alone says how it looks.
 */
import { follow } from "../live.js";
import { size } from "../words.js";

const SAID = { rate: size, sent: size, requests: String, count: String, source: String };

/** Keep `part` up to date for as long as the page is open; `refresh` has it told anew. */
export function watchStreams(part, refresh, seams) {
  let known = null;
  return follow(
    {
      socket: part.dataset.socket,
      watch: part.dataset.watch,
      onMessage({ type, data }) {
        if (type !== "streams") return;
        const ids = data.streams.map(({ id }) => id).join();
        if (known !== null && known !== ids) refresh();
        known = ids;
        put(part, data);
      },
    },
    seams,
  );
}

function put(part, data) {
  for (const place of part.querySelectorAll("[data-figure]")) {
    const { stream, figure } = place.dataset;
    const about = stream ? data.streams.find(({ id }) => String(id) === stream) : data;
    if (about && about[figure] !== "") say(place, SAID[figure](about[figure]));
  }
}

/** Only what is otherwise than before, or a marked word would be taken from under the hand. */
function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
