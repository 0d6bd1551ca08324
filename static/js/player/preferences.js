/** How a person likes to watch: kept by the server for who is signed in, else by this browser. */

import { request } from "../http.js";
import { recall, remember } from "../storage.js";
import { PLAIN } from "./captions.js";

const KEY = "filmedia.preferences";
const USUAL = { keys: true, autoplay: true, mini_player: true, captions: PLAIN };

export class Preferences {
  #own;
  #url;
  #send;
  #sending = Promise.resolve();

  /** `given` and `url` are the server's, for who is signed in. */
  constructor({ given = null, url = "" }, { send = request } = {}) {
    this.#url = url;
    this.#send = send;
    this.#own = (url ? given : recall(KEY, null)) ?? {};
  }

  get(name) {
    const usual = USUAL[name];
    const own = this.#own[name];
    return usual && typeof usual === "object" ? { ...usual, ...own } : (own ?? usual);
  }

  /** Keep `value`; one after the other, so that the last that was chosen is the last that is kept. */
  set(name, value) {
    this.#own = { ...this.#own, [name]: value };
    if (!this.#url) {
      remember(KEY, this.#own);
      return;
    }
    this.#sending = this.#sending
      .then(() => this.#send("PATCH", this.#url, { json: { preferences: { [name]: value } } }))
      // It holds for this page; a look of captions is no reason to disturb a film.
      .catch((error) => console.info(`Not kept: ${error.message}`));
  }
}

const DEVICE_KEY = "filmedia.player";

/** What belongs to this screen and these loudspeakers, and not to a person. */
export const screen = {
  get: (name, otherwise) => recall(DEVICE_KEY, {})[name] ?? otherwise,
  set: (name, value) => remember(DEVICE_KEY, { ...recall(DEVICE_KEY, {}), [name]: value }),
};
