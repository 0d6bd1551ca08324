/**
 * Checks a film beside the page, so that the picture goes on: told `{ cid, at, roots, piece, words }`,
 * two addresses and the page's catalogue, it tells what `check` yields, then `done`; or why it could
 * go no further.
 */

import { gettext } from "../gettext.js";
import { request } from "../http.js";
import { check } from "./checking.js";
import { blockAt, bytesOf } from "./received.js";

self.addEventListener("message", async ({ data: { cid, at, roots, piece, words = {} } }) => {
  // What is told to a person is in the language of the page, whose scripts are not here.
  self.django = { gettext: (sentence) => words[sentence] ?? sentence };
  try {
    for await (const said of check({ cid, at, roots: () => rootsAt(roots, cid), block: (start, stop) => blockAt(piece, start, stop) })) self.postMessage(said);
    self.postMessage({ kind: "done" });
  } catch ({ name, message }) {
    self.postMessage({ kind: "failed", name, message });
  }
});

async function rootsAt(address, cid) {
  const answer = await request("GET", address, { headers: { Accept: "*/*" }, cache: "no-cache" });
  if (answer.headers.get("ETag")?.replace("W/", "") !== `"${cid}"`) throw Object.assign(new Error(gettext("It was stored anew.")), { name: "StoredAnew" });
  return bytesOf(answer);
}
