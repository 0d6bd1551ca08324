/** Keeps how far somebody has come: with the server, or on this device where it cannot be asked. */

import { request } from "../http.js";
import { recall, remember } from "../storage.js";

const KEY = "filmedia.positions";
const MOST = 200;

const all = () => recall(KEY, {});

function keepHere(video, record) {
  const others = Object.entries(all()).filter(([id]) => id !== video);
  const rows = record ? [...others, [video, record]] : others;
  remember(KEY, Object.fromEntries(rows.slice(-MOST)));
}

export class Progress {
  #video;
  #url;
  #device;
  #viewer;
  #send;
  #now;
  #last = null;

  constructor({ video, url, device, viewer = "" }, { send = request, now = () => new Date() } = {}) {
    this.#video = video;
    this.#url = url;
    this.#device = device;
    this.#viewer = viewer;
    this.#send = send;
    this.#now = now;
  }

  /** What this device remembers, or null; never of another account. */
  get here() {
    const record = all()[this.#video] ?? null;
    return record?.of && record.of !== this.#viewer ? null : record;
  }

  /** `leaving` lets the request outlive the page. The same place is kept once. */
  async keep(position, { finished = false, leaving = false } = {}) {
    const rounded = Math.round(position * 10) / 10;
    const same = `${rounded} ${finished}`;
    if (same === this.#last) return;
    this.#last = same;
    const record = { position: rounded, finished, at: this.#now().toISOString(), device: this.#device };
    if (!this.#url) {
      keepHere(this.#video, record);
      return;
    }
    try {
      await this.#send("POST", this.#url, { json: record, keepalive: leaving });
      keepHere(this.#video, null);
    } catch {
      // Away, or signed out meanwhile: this device keeps it until the server can be told.
      keepHere(this.#video, { ...record, of: this.#viewer });
    }
  }

  async forget() {
    this.#last = null;
    keepHere(this.#video, null);
    if (this.#url) await this.#send("DELETE", this.#url).catch(() => {});
  }
}

/** Tell the server what was kept here of `viewer` while it was away, of all films at once. */
export async function sendKept(url, viewer, { send = request } = {}) {
  const kept = Object.entries(all()).filter(([, record]) => record.of && record.of === viewer);
  if (!url || !kept.length) return;
  await send("POST", url, { json: kept.map(([video, { of, ...record }]) => ({ video, ...record })) });
  for (const [video] of kept) keepHere(video, null);
}
