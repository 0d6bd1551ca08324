/** The bytes of one block as they arrive in this browser, or why they could not be had. */

import { gettext } from "../gettext.js";
import { Refused, request } from "../http.js";

const TRIES = 3;
const PART = 206;
// What a server says when it has no right bytes for a place, and may have them for others.
const NOT_HERE = 500;

/** The bytes as they come now, and not as the browser once kept them. */
export async function blockAt(address, start, stop, tries = TRIES) {
  try {
    const answer = await request("GET", address, { headers: { Accept: "*/*", Range: `bytes=${start}-${stop - 1}` }, cache: "no-store" });
    await onlyPart(answer);
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

/** A proxy that does not know ranges sends the whole: that says nothing of this block. */
async function onlyPart(answer) {
  if (answer.status === PART) return;
  await answer.body?.cancel();
  throw Object.assign(new Error(gettext("Something on the way does not send parts of a film.")), { onlyHere: true });
}

/** The whole body of an answer. */
export async function bytesOf(answer) {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    // A stream with no right bytes left ends short, so that nobody takes it for whole.
    throw Object.assign(new Error(gettext("It broke off."), { cause: error }), { onlyHere: true });
  }
}
