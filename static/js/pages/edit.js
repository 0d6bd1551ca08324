/** The page on which a film is changed: its poster's moment can be chosen by looking. */

import { request } from "../http.js";
import { seconds } from "../player/moments.js";
import { tileAt, tiles } from "../player/storyboard.js";
import { clock } from "../words.js";
import { followRenditions } from "./edit_renditions.js";

/** Fills `shown`, in its frame, with a small picture from the sheet of all of them. */
function shower(shown, board) {
  const sheet = Math.max(...board.map(({ x, w }) => x + w));
  return (second) => {
    const { url, x, y, w, h } = tileAt(board, second);
    const frame = shown.parentElement;
    const scale = Math.min(frame.clientWidth / w, frame.clientHeight / h);
    Object.assign(shown.style, {
      width: `${w * scale}px`,
      height: `${h * scale}px`,
      backgroundImage: `url("${url}")`,
      backgroundPosition: `${-x * scale}px ${-y * scale}px`,
      backgroundSize: `${sheet * scale}px auto`,
    });
    shown.hidden = false;
  };
}

/** A slider over the film beside the field that is sent: the two say the same. */
async function choosing(part) {
  const answer = await request("GET", part.dataset.board, { headers: { Accept: "text/vtt" } });
  const board = tiles(await answer.text(), answer.url);
  if (!board.length) return;
  const slider = part.querySelector("[data-slider]");
  const field = part.querySelector("input[name=moment]");
  const show = shower(part.querySelector("[data-tile]"), board);
  const stand = (second) => slider.setAttribute("aria-valuetext", clock(second));

  slider.addEventListener("input", () => {
    field.value = clock(Number(slider.value));
    stand(Number(slider.value));
    show(Number(slider.value));
  });
  field.addEventListener("input", () => {
    const second = seconds(field.value);
    if (second === null) return;
    slider.value = second;
    stand(second);
    show(second);
  });
  slider.value = seconds(field.value) ?? 0;
  stand(Number(slider.value));
  slider.parentElement.hidden = false;
}

for (const part of document.querySelectorAll("[data-board]")) choosing(part);
followRenditions(document.getElementById("renditions"));
