/**
 * The plan: what chosen files are, whether they are here already and what they cost, before
 * a byte of them is sent.
 */

import { filled, gettext, ngettext } from "../gettext.js";
import { size } from "../words.js";
import { fill, said } from "./fields.js";
import { check, quote } from "./foresight.js";
import { look } from "./look.js";
import { about, folders, isWanted, sums } from "./plan.js";
import { fillItem, titleOf } from "./plan_item.js";

const LOOKING = gettext("Looking whether they are here already …");

export class Panel {
  #part = (name) => this.root.querySelector(`[data-${name}]`);
  #asked = 0;

  /** Set `begin`: it is called with what is to be sent, each with all that is said `about` it. */
  constructor(root, { pieceSize, copies, onChange }) {
    Object.assign(this, { root, pieceSize, copies, onChange, begin: () => {}, items: [] });
    this.shared = this.#part("shared");
    root.addEventListener("click", ({ target }) => this.#clicked(target));
    root.addEventListener("change", ({ target }) => this.#changed(target));
  }

  get fingerprints() {
    return this.items.map(({ print }) => print);
  }

  /** Look at more files; each is `{file, print, folder, handle, own}`. */
  async add(items) {
    if (!this.items.length) this.#open();
    for (const item of items) {
      item.own ??= {};
      item.row = this.#part("items").appendChild(this.root.querySelector("#plan-item").content.firstElementChild.cloneNode(true));
      item.row.item = item;
      fill(item.row, { title: titleOf(item.file), ...said(this.shared), ...item.own, description: item.own.description ?? "" });
      fill(item.row.querySelector("details"), { description: "", collection: "", tags: "", language: "", ...item.own });
    }
    this.items.push(...items);
    this.onChange();
    this.#show();
    await this.#ask();
    this.#part("go").focus({ preventScroll: true });
    this.root.scrollIntoView({ block: "nearest" });
    for (const item of items) await this.#look(item);
  }

  close() {
    // What comes next may take the focus; otherwise one chooses anew.
    if (this.root.contains(document.activeElement)) document.getElementById("file").focus({ preventScroll: true });
    for (const { row } of this.items) row.remove();
    this.items = [];
    this.root.classList.remove("open");
    this.onChange();
  }

  #open() {
    this.root.classList.add("open");
  }

  async #look(item) {
    if (!this.items.includes(item)) return;
    Object.assign(item, await look(item.file));
    fillItem(item, this);
  }

  /** Everything that the server knows about them, in two questions at most. */
  async #ask() {
    const asked = (this.#asked += 1);
    const { items } = this;
    this.#busy(true);
    await Promise.all([this.#check(items), this.#quote(items)]);
    // Others were chosen meanwhile: theirs is on its way.
    if (asked !== this.#asked) return;
    this.#busy(false);
    this.#show();
  }

  async #check(items) {
    try {
      await check(items, this.root.dataset.check);
    } catch ({ message: why }) {
      // The beginning of each will say what is the matter; a look ahead is no condition.
      this.#part("sum-more").textContent = filled(gettext("Whether they are here already is not known now. %(why)s"), { why });
    }
  }

  async #quote(items) {
    if (!this.root.dataset.quotes) return;
    const { sentence, action, problem, copies } = await quote(items, this.root.dataset.quotes);
    this.#part("sentence").textContent = copies
      ? filled(ngettext("With %(count)s copy: %(sentence)s", "With %(count)s copies: %(sentence)s", copies), { count: copies, sentence })
      : sentence;
    this.#part("action").textContent = action && filled(gettext("%(action)s. The films can be received all the same, and wait."), { action });
    this.#part("action").hidden = !action;
    this.#part("action").classList.toggle("warning", Boolean(problem));
  }

  #busy(isBusy) {
    this.#part("go").disabled = isBusy;
    if (isBusy) this.#part("sum-more").textContent = LOOKING;
    else if (this.#part("sum-more").textContent === LOOKING) this.#part("sum-more").textContent = "";
    if (isBusy && this.root.dataset.quotes) this.#part("sentence").textContent = gettext("Asking what this costs …");
  }

  #show() {
    for (const item of this.items) fillItem(item, this);
    const { count, bytes, skipped, refused } = sums(this.items);
    const parts = [`${filled(ngettext("%(count)s film", "%(count)s films", count), { count })}, ${size(bytes)}`];
    if (skipped) parts.push(filled(ngettext("%(count)s skipped", "%(count)s skipped", skipped), { count: skipped }));
    if (refused) parts.push(filled(ngettext("%(count)s not possible", "%(count)s not possible", refused), { count: refused }));
    this.#part("sum").textContent = parts.join(" · ");
    this.#part("go").textContent = going(count);
    this.#folders();
  }

  #folders() {
    const names = folders(this.items);
    const box = this.#part("folders");
    box.hidden = !names.length || box.used === names.join("/");
    if (!names.length) return;
    const [words, button] = folderWords(names);
    this.#part("folder-words").textContent = words;
    this.#part("folder-use").textContent = button;
  }

  #useFolders() {
    const names = folders(this.items);
    if (names.length === 1) fill(this.shared, { collection: names[0] });
    else {
      for (const item of this.items.filter(({ folder }) => folder)) {
        item.own.collection = item.folder;
        fill(item.row, { collection: item.folder });
      }
    }
    this.#part("folders").used = names.join("/");
    this.#part("folders").hidden = true;
  }

  #changed(target) {
    const item = target.closest("[data-item]")?.item;
    if (item && "keep" in target.dataset) item.choice = target.value;
    else if (item) this.#ownWords(item, target);
    else if (target.name === "visibility") {
      // Those that were given their own stay as they are.
      for (const { row, own } of this.items) if (!own.visibility) fill(row, { visibility: target.value });
    }
    if (item) this.#show();
  }

  #ownWords(item, { dataset: { field } }) {
    const value = said(item.row)[field];
    // Empty again: as for all of them.
    const isEmpty = field !== "visibility" && !value.length;
    item.own[field] = isEmpty ? undefined : value;
  }

  #clicked(target) {
    if (target.closest("[data-go]")) this.#go();
    else if (target.closest("[data-drop]")) this.close();
    else if (target.closest("[data-folder-use]")) this.#useFolders();
    else if (target.closest("[data-remove]")) this.#remove(target.closest("[data-item]").item);
  }

  #remove(item) {
    const next = item.row.nextElementSibling ?? item.row.previousElementSibling;
    item.row.remove();
    this.items = this.items.filter((other) => other !== item);
    this.onChange();
    if (!this.items.length) this.close();
    else {
      (next?.querySelector("[data-remove]") ?? this.#part("go")).focus();
      this.#ask();
    }
  }

  #go() {
    const shared = said(this.shared);
    const wanted = this.items.filter(isWanted);
    for (const item of wanted) item.about = about({ ...shared, title: titleOf(item.file), description: "" }, item.own);
    this.close();
    this.begin(wanted);
  }
}

function going(count) {
  if (count === 1) return gettext("Upload this film");
  return count ? filled(ngettext("Upload %(count)s film", "Upload %(count)s films", count), { count }) : gettext("Nothing to upload");
}

/** Where they come from, and what the button does about it. */
function folderWords([folder, ...others]) {
  const count = others.length + 1;
  if (count === 1) return [gettext("They come from the folder “%(folder)s”."), gettext("Collect them as “%(folder)s”")].map((words) => filled(words, { folder }));
  return [filled(ngettext("They come from %(count)s folder.", "They come from %(count)s folders.", count), { count }), gettext("Make each folder a collection")];
}
