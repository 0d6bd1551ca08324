/** How a person likes to watch, and what belongs to this device alone. */

import { prefer, preferences } from "../preferences.js";
import { recall, remember } from "../storage.js";
import { PLAIN } from "./captions.js";

const USUAL = { keys: true, autoplay: true, mini_player: true, captions: PLAIN };

export class Preferences {
  #own = preferences() ?? {};
  #url;
  #keep;
  #keeping = Promise.resolve();

  /** `url` is where the server keeps them, for who is signed in. */
  constructor(url = "", { keep = prefer } = {}) {
    this.#url = url;
    this.#keep = keep;
  }

  get(name) {
    const usual = USUAL[name];
    const own = this.#own[name];
    return usual && typeof usual === "object" ? { ...usual, ...own } : (own ?? usual);
  }

  /** It holds at once; it is kept one after the other, so that what was chosen last is what stays. */
  set(name, value) {
    this.#own = { ...this.#own, [name]: value };
    this.#keeping = this.#keeping
      .then(() => this.#keep({ [name]: value }, this.#url))
      // It holds for this page; a look of captions is no reason to disturb a film.
      .catch((error) => console.info(`Not kept: ${error.message}`));
    return this.#keeping;
  }
}

const DEVICE_KEY = "filmedia.player";

/** What belongs to this screen and these loudspeakers, and not to a person. */
export const screen = {
  get: (name, otherwise) => recall(DEVICE_KEY, {})[name] ?? otherwise,
  set: (name, value) => remember(DEVICE_KEY, { ...recall(DEVICE_KEY, {}), [name]: value }),
};
