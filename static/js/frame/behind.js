/** What this page shows may be older than what there is: it says as of when, and asks again. */

import { filled, gettext } from "../gettext.js";

const bar = document.getElementById("stale");
let asOf = new Date();
let again = () => location.reload();

bar.querySelector("[data-retry]").addEventListener("click", () => again());
addEventListener("online", () => bar.hidden || again());

/** All that is shown is as it is now. */
export function upToDate() {
  asOf = new Date();
  bar.hidden = true;
}

/** It could not be had anew: what was there stays, and `retry` is what "Try again" does. */
export function behind(retry) {
  again = retry;
  const time = asOf.toLocaleTimeString([], { timeStyle: "short" });
  const words = filled(gettext("The library cannot be reached. What you see is as of %(time)s."), { time });
  // Said once, however often it is tried.
  if (bar.hidden) bar.querySelector("[data-words]").textContent = words;
  bar.hidden = false;
}
