/** What the server can say of files before a byte of them is sent. No DOM. */

import { filled, gettext } from "../gettext.js";
import { request } from "../http.js";
import { whole } from "./digest.js";

/** Sets `check` of each item: whether the library has it, and whether it would take it. */
export async function check(items, url) {
  for (const item of items) item.sha256 ??= await whole(item.file);
  const files = items.map(({ file, sha256, print }) => ({
    name: file.name,
    size: file.size,
    ...(sha256 && { sha256 }),
    fingerprint: print,
  }));
  const answer = await request("POST", url, { json: { files } });
  const { items: found } = await answer.json();
  for (const [index, item] of items.entries()) item.check = found[index];
}

/** Sets `cost` of each item; gives what all of them cost, in a sentence. */
export async function quote(items, url) {
  const told = await asking(items.map(({ file }) => file.size), url);
  for (const [index, item] of items.entries()) item.cost = told.films[index]?.per_month ?? null;
  return told;
}

async function asking(sizes, url) {
  try {
    return await (await request("POST", url, { json: { sizes } })).json();
  } catch ({ message: why }) {
    return { sentence: filled(gettext("What this costs is not known now. %(why)s"), { why }), action: "", problem: "unknown", films: [] };
  }
}
