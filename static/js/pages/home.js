/** The library page: it follows what happens to films, and can be used with the keys alone. */

import { behind, upToDate } from "../frame/behind.js";
import { follow } from "../live.js";
import { prefer } from "../preferences.js";
import { listKeys } from "../shelf/list_keys.js";
import { Loading } from "../shelf/loading.js";
import { Picking } from "../shelf/picking.js";
import { previews } from "../shelf/preview.js";
import { tags } from "../shelf/tags.js";
import { soon, swap } from "./refresh.js";

const shelf = () => document.getElementById("shelf");
const picking = new Picking(shelf, document.getElementById("bulk-bar"));
const loading = new Loading(shelf, { onMore: () => picking.show(), onFault });

listKeys(shelf, picking);
previews();
tags(document.getElementById("filter-tag"));
loading.restore();

async function renew() {
  let fresh;
  try {
    fresh = await loading.fresh();
  } catch (error) {
    return onFault(error);
  }
  // Under an open menu nothing moves; the next change draws this one too.
  if (shelf().querySelector(".menu[open]")) return again();
  for (const id of ["shelf", "totals"]) swap(document.getElementById(id), fresh.getElementById(id));
  upToDate();
  picking.show();
}
const again = soon(renew, 500);

function onFault(error) {
  // Signed out meanwhile: the browser shows where to sign in, and then this list again.
  if (error.gone) location.reload();
  else behind(renew);
}

if (shelf().hasAttribute("data-live")) {
  const { socket, events, seq } = shelf().dataset;
  follow({
    socket,
    events,
    seq: Number(seq),
    onMessage: ({ type }) => {
      if (type === "reset" || (type.startsWith("video.") && type !== "video.progress")) again();
      if (type === "upload.received") again();
    },
  });
}

addEventListener("offline", () => shelf().toggleAttribute("data-offline", true));
addEventListener("online", () => {
  shelf().removeAttribute("data-offline");
  again();
});

// The view is the person's from now on; without it being kept, the address still says it.
for (const link of document.querySelectorAll("[data-view]")) {
  link.addEventListener("click", () => {
    prefer({ view: link.dataset.view }, link.closest("[data-me]")?.dataset.me, { keepalive: true }).catch(() => {});
  });
}
