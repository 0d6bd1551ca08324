/**
 * <film-player>: takes over the controls of the native video inside it. A page defines it.
 *
 * Each part below adds one thing and shares what it can do in `acts`; keys and buttons call those.
 */

import { captionLayer } from "./caption_layer.js";
import { controls } from "./controls.js";
import { device } from "./device.js";
import { faces } from "./faces.js";
import { gestures } from "./gestures.js";
import { keyboard } from "./keyboard.js";
import { lists } from "./lists.js";
import { mark } from "./mark.js";
import { menus } from "./menus.js";
import { asked } from "./moments.js";
import { playing } from "./playing.js";
import { Preferences } from "./preferences.js";
import { Progress } from "./progress.js";
import { quality } from "./quality.js";
import { renewing } from "./renewing.js";
import { resuming } from "./resuming.js";
import { seeking } from "./seeking.js";
import { fill } from "./sentences.js";
import { settings } from "./settings.js";
import { statistics } from "./statistics.js";
import { system } from "./system.js";
import { tips } from "./tips.js";
import { views } from "./views.js";

const PARTS = [
  playing, controls, mark, seeking, menus, settings, quality, captionLayer, views, gestures, keyboard, tips, lists, resuming, statistics, system, renewing, faces,
];

function data(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

export class FilmPlayer extends HTMLElement {
  #leave = new AbortController();
  #words = new Map();
  acts = {};

  connectedCallback() {
    if (this.frame) return;
    this.frame = this.querySelector(".player-frame");
    this.video = this.querySelector("video");
    this.film = { captions: [], chapters: [], sources: [], ...data("playback") };
    this.asked = asked(location);
    this.preferences = new Preferences(this.dataset.preferences);
    const { video = location.pathname, progress_url } = this.film;
    this.device = device(navigator.userAgent);
    this.progress = new Progress({ video, url: progress_url, device: this.device, viewer: this.dataset.viewer });
    for (const part of this.querySelectorAll("template[data-part]")) this.frame.append(part.content.cloneNode(true));
    for (const word of this.querySelector("template[data-words]").content.children) this.#words.set(word.dataset.word, word.textContent);
    this.video.removeAttribute("controls");
    this.video.tabIndex = -1;
    this.classList.add("scripted");
    for (const part of PARTS) part(this);
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  /** Seconds, as far as they are known; 0 while they are not. */
  get duration() {
    const { duration } = this.video;
    return Number.isFinite(duration) ? duration : (this.film.duration ?? 0);
  }

  $(selector) {
    return this.frame.querySelector(selector);
  }

  /** Listen as long as this player is in the page. */
  on(target, types, handler, options = {}) {
    for (const type of types.split(" ")) target.addEventListener(type, handler, { signal: this.#leave.signal, ...options });
  }

  /** A sentence of the template, with its braces filled. */
  word(name, facts = {}) {
    return fill(this.#words.get(name) ?? "", facts);
  }

  /** Do what a button or a key names; false when there is nothing to do. */
  act(name, value) {
    return this.acts[name]?.(value) ?? true;
  }

  /** Say something shortly, for eyes and ears. */
  flash(text) {
    const flash = this.$(".fp-flash");
    flash.textContent = text;
    flash.classList.remove("shown");
    // Reading the width lets the movement begin anew.
    void flash.offsetWidth;
    flash.classList.add("shown");
  }

  /** Tell other parts of the page: `film-chapter`, `film-proof` and the like. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}
