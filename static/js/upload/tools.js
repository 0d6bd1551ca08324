/** How the queue goes: its order, how many at once, how fast; kept by this browser. */

import { filled, gettext } from "../gettext.js";
import { request } from "../http.js";
import { recall, remember } from "../storage.js";
import { moved, ORDERS, toTop } from "./order.js";

const KEY = "filmedia.uploading";

export class Tools {
  #box;

  /** `onChange({lanes, limit})` hears of each choice, and of what was chosen before. */
  constructor(box, onChange) {
    this.#box = box;
    for (const [name, value] of Object.entries(recall(KEY, {}))) {
      const field = this.#field(name);
      if (field?.type === "checkbox") field.checked = value && allowed();
      else if (field && [...field.options].some((option) => option.value === String(value))) field.value = value;
    }
    box.addEventListener("change", async ({ target }) => {
      if (target.name === "notify" && target.checked) target.checked = await asked();
      remember(KEY, this.chosen);
      onChange(this.chosen, target.name);
    });
    onChange(this.chosen, "");
  }

  get chosen() {
    const { order, lanes, limit } = Object.fromEntries(["order", "lanes", "limit"].map((name) => [name, this.#field(name).value]));
    return { order, lanes: Number(lanes), limit: Number(limit), notify: this.#field("notify").checked };
  }

  #field(name) {
    return this.#box.querySelector(`[name="${name}"]`);
  }
}

/** The order of films that are arriving: the server keeps it, for every device. */
export class Order {
  constructor({ list, url }) {
    Object.assign(this, { list, url });
  }

  get #arriving() {
    return this.list.queue.filter(({ upload }) => upload?.state === "receiving");
  }

  async by(name) {
    await this.#set(this.#arriving.toSorted(ORDERS[name]));
  }

  async move(film, by) {
    const films = this.#arriving;
    const after = moved(films, film, by);
    if (after !== films) await this.#set(after);
    film.row.focus();
    const { title } = film.upload ?? film.about;
    this.list.say(filled(gettext("%(title)s is number %(place)s of %(count)s."), { title, place: this.#arriving.indexOf(film) + 1, count: films.length }));
  }

  async toTop(film) {
    await this.#set(toTop(this.#arriving, film));
  }

  /** Shown at once, and put back when the server says no. */
  async #set(films) {
    const before = films.map(({ upload }) => upload.place);
    films.forEach(({ upload }, index) => (upload.place = index + 1));
    this.list.sort();
    try {
      await request("POST", this.url, { json: { ids: films.map(({ upload }) => upload.id) } });
    } catch (error) {
      films.forEach(({ upload }, index) => (upload.place = before[index]));
      this.list.sort();
      throw error;
    }
  }
}

const allowed = () => globalThis.Notification?.permission === "granted";

async function asked() {
  return (await globalThis.Notification?.requestPermission?.()) === "granted";
}

/** Said by the system, where the person wished for it and looks at something else. */
export function notify(words) {
  if (allowed() && document.visibilityState !== "visible") new Notification("filmedia", { body: words, tag: "uploads" });
}
