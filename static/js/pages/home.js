/** The library page follows what happens to films, without being loaded again. */

import { follow } from "../live.js";
import { refresh, soon } from "./refresh.js";

const shelf = document.getElementById("shelf");

if (shelf?.hasAttribute("data-live")) {
  const { socket, events, seq } = shelf.dataset;
  const renew = soon(() => refresh(["shelf", "totals"]), 500);
  follow({
    socket,
    events,
    seq: Number(seq),
    onMessage: ({ type }) => {
      if (type === "reset" || (type.startsWith("video.") && type !== "video.progress")) renew();
      if (type === "upload.received") renew();
    },
  });
}
