/** Names of tags while one is typed in the filter. */

import { getJson } from "../http.js";

const WAIT = 200;

export function tags(input) {
  if (!input?.dataset.tags) return;
  let timer = null;
  let latest = 0;
  const offer = async () => {
    const asked = ++latest;
    const url = `${input.dataset.tags}?${new URLSearchParams({ q: input.value, limit: 20 })}`;
    const found = await getJson(url).catch(() => ({ items: [] }));
    // An answer to what was typed before is late.
    if (asked !== latest) return;
    input.list.replaceChildren(...found.items.map(({ name }) => new Option(name, name)));
  };
  input.addEventListener("focus", offer, { once: true });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, WAIT);
  });
}
