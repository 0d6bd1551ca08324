/**
 * "Load more" puts the next page below this one; coming back to the list loads as many pages
 * again and scrolls to where one was.
 */

import { isGone } from "../http.js";

const STILL = 5_000;

export class Loading {
  #pages = 1;

  constructor(shelf, { onMore, onFault }) {
    Object.assign(this, { shelf, onMore, onFault });
    this.key = `shelf ${location.href}`;
    document.addEventListener("click", (event) => {
      const more = event.target.closest("[data-more]");
      if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.more();
    });
    addEventListener("pagehide", () => this.#keep());
  }

  /** All the pages that are shown, as the server would draw them now. */
  async fresh() {
    const first = await page(location.href);
    let latest = first;
    for (let number = 1; number < this.#pages && next(latest); number += 1) {
      latest = await page(next(latest));
      join(first, latest);
    }
    return first;
  }

  async more() {
    const more = this.shelf().querySelector("[data-more]");
    if (!more || more.getAttribute("aria-busy")) return;
    const done = waiting(this.shelf(), more);
    try {
      const latest = await page(more.href);
      done();
      const first = this.#cards()[this.#cards().length];
      const count = this.#cards().length;
      join(document, latest);
      this.#pages += 1;
      this.onMore();
      // The keys go on with the first film that came.
      if (!first) this.#cards()[count]?.querySelector(".card-title a, .row-film").focus({ preventScroll: true });
    } catch (error) {
      done();
      this.onFault(error);
    }
  }

  /** Only after going back, or loading the page again: a new visit begins at the top. */
  async restore() {
    const [{ type }] = performance.getEntriesByType("navigation");
    const kept = type === "navigate" ? null : this.#kept();
    if (!kept) return;
    while (this.#pages < kept.pages && this.shelf().querySelector("[data-more]")) {
      const before = this.#pages;
      await this.more();
      if (this.#pages === before) return;
    }
    if (kept.pages > 1) scrollTo({ top: kept.top, behavior: "instant" });
  }

  #cards() {
    return this.shelf().querySelectorAll(".card, .card-row");
  }

  #keep() {
    try {
      sessionStorage.setItem(this.key, JSON.stringify({ pages: this.#pages, top: scrollY }));
    } catch {
      // Storage can be forbidden: then the list begins at its top.
    }
  }

  #kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key));
    } catch {
      return null;
    }
  }
}

async function page(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  const gone = isGone(answer);
  if (!answer.ok || gone) throw Object.assign(new Error(answer.statusText), { gone });
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  found.base = url;
  return found;
}

function next(found) {
  const more = found.querySelector("[data-more]");
  return more && new URL(more.getAttribute("href"), found.base).href;
}

/** The films of `latest` below those of `shown`, and its way on. A film is there once. */
function join(shown, latest) {
  const list = shown.querySelector("[data-list] tbody") ?? shown.querySelector("[data-list]");
  const known = new Set([...list.children].map((card) => card.dataset.video));
  const fresh = latest.querySelector("[data-list] tbody") ?? latest.querySelector("[data-list]");
  for (const card of [...(fresh?.children ?? [])]) if (!known.has(card.dataset.video)) list.append(card);
  const pages = latest.querySelector(".pages");
  const old = shown.querySelector(".pages");
  if (pages) old.replaceWith(pages);
  else old.remove();
}

/** Cards without films in the places of those that come. Returns what takes them away. */
function waiting(shelf, more) {
  more.setAttribute("aria-busy", "true");
  const table = shelf.querySelector("[data-list] tbody");
  const shape = document.getElementById(table ? "skeleton-row" : "skeleton").content.firstElementChild;
  const shapes = Array.from({ length: 4 }, () => shape.cloneNode(true));
  (table ?? shelf.querySelector("[data-list]")).append(...shapes);
  const words = more.textContent;
  const timer = setTimeout(() => (more.textContent = more.dataset.still), STILL);
  return () => {
    clearTimeout(timer);
    more.textContent = words;
    more.removeAttribute("aria-busy");
    for (const one of shapes) one.remove();
  };
}
