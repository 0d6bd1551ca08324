/**
 * The plan: what chosen files are, whether they are here already and what they cost, before
 * a byte of them is sent.
 */

import { size } from "../words.js";
import { fill, said } from "./fields.js";
import { check, quote } from "./foresight.js";
import { look } from "./look.js";
import { about, folders, isWanted, sums } from "./plan.js";
import { fillItem, titleOf } from "./plan_item.js";

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
    } catch (error) {
      // The beginning of each will say what is the matter; a look ahead is no condition.
      this.#part("sum-more").textContent = `Whether they are here already is not known now. ${error.message}`;
    }
  }

  async #quote(items) {
    if (!this.root.dataset.quotes) return;
    const { sentence, action, problem, copies } = await quote(items, this.root.dataset.quotes);
    this.#part("sentence").textContent = copies ? `With ${copies} copies: ${sentence}` : sentence;
    this.#part("action").textContent = action && `${action}. The films can be received all the same, and wait.`;
    this.#part("action").hidden = !action;
    this.#part("action").classList.toggle("warning", Boolean(problem));
  }

  #busy(isBusy) {
    this.#part("go").disabled = isBusy;
    if (isBusy) this.#part("sum-more").textContent = "Looking whether they are here already …";
    else if (this.#part("sum-more").textContent.endsWith("…")) this.#part("sum-more").textContent = "";
    if (isBusy && this.root.dataset.quotes) this.#part("sentence").textContent = "Asking what this costs …";
  }

  #show() {
    for (const item of this.items) fillItem(item, this);
    const { count, bytes, skipped, refused } = sums(this.items);
    const parts = [`${count === 1 ? "1 film" : `${count} films`}, ${size(bytes)}`];
    if (skipped) parts.push(`${skipped} skipped`);
    if (refused) parts.push(`${refused} not possible`);
    this.#part("sum").textContent = parts.join(" · ");
    const go = this.#part("go");
    go.textContent = count === 1 ? "Upload this film" : count ? `Upload ${count} films` : "Nothing to upload";
    this.#folders();
  }

  #folders() {
    const names = folders(this.items);
    const box = this.#part("folders");
    box.hidden = !names.length || box.used === names.join("/");
    const [words, button] = names.length === 1
      ? [`They come from the folder “${names[0]}”.`, `Collect them as “${names[0]}”`]
      : [`They come from ${names.length} folders.`, "Make each folder a collection"];
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
