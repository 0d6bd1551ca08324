/** "Check in my browser": tells what a worker finds, and the way from a block up to the PieceCID. */

import { fill } from "../player/sentences.js";
import { percent, size } from "../words.js";

const BLOCK_LEVEL = 15;
// So many blocks of a kind are named; the sum at the end counts all.
const NAMED = 5;
const number = new Intl.NumberFormat(document.documentElement.lang || "en");

/** Begin to check. `video()` is the film that plays, and where it is; `onEnd(isRight)` hears how it went. */
export function checking(section, { video, onEnd }) {
  const [begin, stop, bar, said, wrong, shown] = ["begin", "stop", "bar", "said", "wrong", "way"].map((name) => section.querySelector(`#check-${name}`));
  const { content } = section.querySelector("template");
  const word = (name, facts = {}) => fill(content.querySelector(`[data-word="${name}"]`)?.textContent ?? "", facts);
  let worker = null;
  let at = null;

  function start() {
    at = { count: 0, size: 0, done: 0, bytes: 0, right: 0, wrong: 0, away: 0, quarter: 0 };
    wrong.replaceChildren();
    for (const one of [wrong, shown]) one.hidden = true;
    running(true);
    said.textContent = word("loading");
    const { cid, roots, piece } = section.dataset;
    const { currentTime = 0, duration } = video();
    worker = new Worker(section.dataset.worker, { type: "module" });
    worker.addEventListener("message", ({ data }) => hear[data.kind](data));
    worker.addEventListener("error", () => hear.failed({ name: "Unreachable" }));
    worker.postMessage({ cid, roots, piece, at: duration > 0 ? currentTime / duration : 0, words: globalThis.django?.catalog });
  }
  function running(is) {
    const focused = document.activeElement;
    begin.hidden = is;
    stop.hidden = bar.hidden = !is;
    if (is && focused === begin) stop.focus();
    if (is) return;
    begin.lastChild.textContent = word("again");
    if (focused === stop || focused === begin) begin.focus();
  }
  function end(words) {
    worker.terminate();
    running(false);
    said.textContent = words;
  }

  const hear = {
    roots({ count, size: all }) {
      Object.assign(at, { count, size: all });
      said.textContent = word("begun");
      showCount();
    },
    block(block) {
      at[block.state] += 1;
      at.done += 1;
      at.bytes += block.stop - block.start;
      showCount();
      sayQuarter();
      if (block.state === "away" && at.away <= NAMED) complain(word("away-block", { number: block.index + 1, why: block.why }));
      if (block.state === "wrong" && at.wrong <= NAMED) complainOf(block);
      if (shown.hidden ? block.state !== "away" : block.state === "wrong" && at.wrong === 1) showWay(block);
    },
    done() {
      const isRight = at.right === at.count;
      end(word(isRight ? "right" : "not-right", at));
      if (isRight || at.wrong) onEnd(isRight);
    },
    failed({ name, message }) {
      end(at.done ? word("stopped", at) : "");
      complain(word(name) || message);
      if (name === "WrongRoots") onEnd(false);
    },
  };

  function showCount() {
    const progress = bar.querySelector("progress");
    [progress.max, progress.value] = [at.count || 1, at.done];
    bar.querySelector("p").textContent = word("count", { ...at, bytes: size(at.bytes), size: size(at.size) });
  }
  /** Heard four times, and not with each block. */
  function sayQuarter() {
    const now = percent(at.done, at.count);
    if (Math.floor(now / 25) === at.quarter || now === 100) return;
    at.quarter = Math.floor(now / 25);
    said.textContent = word(at.wrong || at.away ? "going-wrong" : "going", { percent: now });
  }
  function complain(words) {
    wrong.append(paragraph(words));
    wrong.hidden = false;
  }
  function complainOf({ index, start: first, stop: after }) {
    complain(word("wrong-block", { number: index + 1, first: number.format(first), last: number.format(after - 1) }));
    // After the first of them is said what to do.
    if (at.wrong === 1) complain(word("what-to-do"));
  }

  /** One line for each step of the way; above the block's root all was right before a block was read. */
  function showWay({ index, start: first, stop: after, state, found, way }) {
    shown.hidden = false;
    shown.querySelector("h3").textContent = word("way", { number: index + 1, count: at.count });
    const bytes = word("way-bytes", { first: number.format(first), last: number.format(after - 1) });
    const top = way.length - 1;
    shown.querySelector("ol").replaceChildren(
      ...(state === "right" ? [line("good", bytes)] : [line("bad", bytes), line("bad", word("way-found"), found)]),
      ...way.map(({ level, root }, step) => {
        const name = step === 0 ? (state === "right" ? "way-block" : "way-should") : step === top ? "way-top" : "way-node";
        return line("good", word(name, { blocks: 2 ** (level - BLOCK_LEVEL) }), root);
      }),
      line("good", word("way-cid"), section.dataset.cid),
    );
  }
  function line(kind, words, code = "") {
    const item = content.querySelector(`[data-kind=${kind}]`).cloneNode(true);
    item.querySelector("[data-words]").textContent = words;
    item.querySelector("code").textContent = code;
    return item;
  }

  begin.addEventListener("click", start);
  stop.addEventListener("click", () => end(at.count ? word("stopped", at) : word("stopped-early")));
  start();
}

function paragraph(words) {
  return Object.assign(document.createElement("p"), { textContent: words });
}
