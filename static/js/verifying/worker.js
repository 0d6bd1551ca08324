/**
 * Checks a film beside the page, so that the picture goes on: told `{ cid, at, roots, piece }`, the
 * last two addresses, it tells what `check` yields, then `done`; or why it could go no further.
 */

import { Refused, request } from "../http.js";
import { check } from "./checking.js";

const TRIES = 3;
// What a server says when it has no right bytes for a place, and may have them for others.
const NOT_HERE = 500;

self.addEventListener("message", async ({ data: { cid, at, roots, piece } }) => {
  try {
    for await (const said of check({ cid, at, roots: () => rootsAt(roots, cid), block: (start, stop) => blockAt(piece, start, stop) })) self.postMessage(said);
    self.postMessage({ kind: "done" });
  } catch ({ name, message }) {
    self.postMessage({ kind: "failed", name, message });
  }
});

async function rootsAt(address, cid) {
  const answer = await request("GET", address, { headers: { Accept: "*/*" }, cache: "no-cache" });
  if (answer.headers.get("ETag")?.replace("W/", "") !== `"${cid}"`) throw Object.assign(new Error("It was stored anew."), { name: "StoredAnew" });
  return bytesOf(answer);
}

/** The bytes as they come now, and not as the browser once kept them. */
async function blockAt(address, start, stop, tries = TRIES) {
  try {
    const answer = await request("GET", address, { headers: { Accept: "*/*", Range: `bytes=${start}-${stop - 1}` }, cache: "no-store" });
    return await bytesOf(answer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.retryAfter && tries > 1) {
      await new Promise((again) => setTimeout(again, error.retryAfter * 1000));
      return blockAt(address, start, stop, tries - 1);
    }
    throw Object.assign(error, { onlyHere: error.status >= NOT_HERE });
  }
}

async function bytesOf(answer) {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    // A stream with no right bytes left ends short, so that nobody takes it for whole.
    throw Object.assign(new Error("It broke off.", { cause: error }), { onlyHere: true });
  }
}
