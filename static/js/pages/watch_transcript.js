/** The transcript: what is said, a click away from its moment; the line of now is followed. */

import { request } from "../http.js";
import { begun, cues, words } from "../player/webvtt.js";
import { clock } from "../words.js";

export function transcript({ seek, video }) {
  const [lines, select, search, status] = ["lines", "language", "search", "words"].map((name) => document.getElementById(`transcript-${name}`));
  const said = status.dataset;
  const again = document.getElementById("transcript-again");
  let [list, loaded, now, touched] = [[], "", -1, 0];

  async function load() {
    const { value: url, selectedOptions } = select;
    if (loaded === url) return;
    loaded = url;
    status.textContent = said.loading;
    again.hidden = true;
    try {
      const file = await (await request("GET", url, { headers: { Accept: "text/vtt" } })).text();
      if (loaded !== url) return;
      list = cues(file).map((cue) => ({ ...cue, words: words(cue.text) }));
      lines.lang = selectedOptions[0].dataset.language;
      lines.replaceChildren(...list.map(line));
      find();
      follow();
    } catch {
      loaded = "";
      status.textContent = said.away;
      again.hidden = false;
    }
  }
  function line({ start, words: text }, index) {
    const [item, button, moment, spoken] = ["li", "button", "span", "span"].map((name) => document.createElement(name));
    moment.className = "moment";
    moment.textContent = clock(start);
    spoken.textContent = text;
    button.type = "button";
    button.dataset.index = index;
    button.append(moment, spoken);
    item.append(button);
    return item;
  }

  function find() {
    const wanted = search.value.trim().toLocaleLowerCase();
    let count = 0;
    for (const [index, item] of [...lines.children].entries()) {
      const { words: text } = list[index];
      const at = wanted ? text.toLocaleLowerCase().indexOf(wanted) : -1;
      item.hidden = Boolean(wanted) && at < 0;
      count += at >= 0;
      const spoken = item.querySelector("span + span");
      if (at < 0) spoken.textContent = text;
      else spoken.replaceChildren(text.slice(0, at), marked(text.slice(at, at + wanted.length)), text.slice(at + wanted.length));
    }
    status.textContent = !wanted ? "" : count ? said.found.replace("{count}", count) : said.none;
  }
  function marked(text) {
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  }

  function follow() {
    const at = begun(list, video().currentTime);
    if (at === now && lines.querySelector("[aria-current]")) return;
    now = at;
    lines.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const item = lines.children[at];
    if (!item) return;
    item.firstChild.setAttribute("aria-current", "true");
    // Who reads on by hand is not pulled back, and only this list moves, never the page.
    if (performance.now() - touched < 5000 || item.hidden || !lines.offsetParent) return;
    lines.scrollTop = item.offsetTop - lines.clientHeight / 3;
  }

  lines.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    touched = 0;
    seek(list[button.dataset.index].start);
  });
  for (const type of ["wheel", "touchmove", "keydown"]) lines.addEventListener(type, () => (touched = performance.now()), { passive: true });
  search.addEventListener("input", find);
  select.addEventListener("change", load);
  document.addEventListener("film-captions", ({ detail }) => {
    const option = detail && select.querySelector(`[data-caption="${detail.id}"]`);
    if (!option || option.selected) return;
    option.selected = true;
    if (loaded) load();
  });
  again.addEventListener("click", load);
  // The words come when they are first wanted: an address can have opened the part already.
  const part = document.getElementById("transcript");
  part.addEventListener("tab-open", load);
  if (!part.hidden) load();
  return { follow };
}
