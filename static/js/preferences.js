/**
 * What a person chose: from the page where they are signed in, else from this browser.
 * `library/watching/preferences.py` knows what there is to choose.
 */

import { request } from "./http.js";
import { recall, remember } from "./storage.js";

const KEY = "filmedia.preferences";

export function preferences() {
  const told = document.getElementById("preferences");
  return told ? JSON.parse(told.textContent) : recall(KEY, {});
}

/** Keep `change` for the next page, and on the server where `url` says who is asking. */
export async function prefer(change, url, { keepalive = false } = {}) {
  const now = { ...preferences(), ...change };
  const told = document.getElementById("preferences");
  if (told) told.textContent = JSON.stringify(now);
  if (url) await request("PATCH", url, { json: { preferences: change }, keepalive });
  else remember(KEY, now);
}
