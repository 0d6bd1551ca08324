/** Jobs as they go on: the bar moves with each message, the page's parts are renewed in between. */

import { follow } from "../live.js";
import { refresh, soon } from "./refresh.js";

const page = document.getElementById("jobs-page");
const { job, socket, events, seq, parts, said, finished } = page.dataset;
const renew = soon(() => refresh(parts.split(" ")), 1_000);
const say = (words) => {
  document.getElementById("live").textContent = words;
};
let quarter = 0;

follow({
  socket,
  events,
  seq: Number(seq),
  onMessage: ({ type, data }) => {
    if (type === "reset") renew();
    if (!type.startsWith("job.") || (job && data.job !== job)) return;
    if (job && type === "job.progress") show(data);
    else if (job && data.total) say(finished);
    renew();
  },
});

function show({ waiting, total }) {
  const bar = document.getElementById("job-progress");
  if (bar) bar.value = total - waiting;
  const now = total ? Math.floor(((total - waiting) * 4) / total) : 0;
  // Aloud each quarter, not each tick.
  if (now > quarter) say(said.replace("{over}", total - waiting).replace("{total}", total));
  quarter = now;
}
