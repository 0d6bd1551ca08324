/** The beginning of an upload: once, also where the answer to it was lost on the way. No DOM. */

import { delay, pause } from "./backoff.js";
import { getJson } from "./http.js";
import { create, worthAnotherTry } from "./tus.js";

/**
 * What the server says of the upload it has for `film` now. It is asked until it answers;
 * `onTrouble(error)` hears each time that it did not. `known` are the ids that this page has
 * begun, and one more afterwards.
 */
export async function begin(film, endpoint, { known, signal, onTrouble }) {
  const { file, print } = film.job;
  for (let failures = 0; ; ) {
    try {
      const begun = failures ? await begunBefore(endpoint, print, { known, signal }) : null;
      const upload = begun ?? (await getJson(await create(endpoint, file.size, said(film), { signal }), { signal }));
      known.add(upload.id);
      return upload;
    } catch (error) {
      if (signal.aborted || !worthAnotherTry(error)) throw error;
      failures += 1;
      onTrouble(error);
      await pause(delay(failures, { retryAfter: error.retryAfter }), signal);
    }
  }
}

function said({ job: { file, print, sha256 }, about: { title, visibility, collection, language, tags } }) {
  return {
    filename: file.name,
    filetype: file.type,
    // Without one, the server makes it from the name.
    title,
    visibility,
    collection,
    language,
    tags: tags?.join(","),
    fingerprint: print,
    sha256,
  };
}

/** The upload that was begun although its answer was lost; or nothing. */
async function begunBefore(endpoint, print, { known, signal }) {
  const { items } = await getJson(endpoint, { signal });
  return items.find(
    (one) => one.fingerprint === print && one.state === "receiving" && one.offset === 0 && !known.has(one.id),
  );
}
