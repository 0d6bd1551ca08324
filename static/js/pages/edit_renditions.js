/** Renditions as they are made: the bar moves with each message, the rows are told anew when one is there. */

import { filled, gettext } from "../gettext.js";
import { follow } from "../live.js";
import { percent } from "../words.js";
import { refresh, soon } from "./refresh.js";

const ROWS = "rendition-rows";

/** Where there is a bar, it stands where the stage is. */
export function showMaking(bar, stages) {
  const stage = stages?.find(({ name }) => name === "rendition");
  if (!bar || !stage?.total) return;
  bar.max = stage.total;
  bar.value = stage.done;
  const share = Math.min(percent(stage.done, stage.total), 99);
  bar.parentElement.querySelector("[data-making-words]").textContent = filled(gettext("%(percent)s made"), { percent: `${share} %` });
}

export function followRenditions({ dataset: { video, socket, events, seq } }) {
  const renew = soon(() => refresh([ROWS]));
  const bar = () => document.querySelector(`#${ROWS} [data-making]`);
  const films = () => [...document.querySelectorAll(`#${ROWS} [data-film]`)].map((one) => one.dataset.film);
  follow({
    socket,
    events,
    seq: Number(seq),
    onPoll: renew,
    onMessage: ({ type, data }) => {
      if (type === "reset") renew();
      else if (type === "snapshot") showMaking(bar(), data.videos.find(({ id }) => id === video)?.stages);
      else if (type === "video.progress") {
        if (data.id === video) showMaking(bar(), data.stages);
      } else if (data?.video && (data.video === video || films().includes(data.video))) renew();
    },
  });
}
