/** What a key does while watching. Pure; the sheet in templates/library/_player_keys.html lists the same. */

const SKIPS = { j: -10, l: 10 };
const STEPS = { ArrowLeft: -5, ArrowRight: 5 };
const VOLUME = { ArrowUp: 0.05, ArrowDown: -0.05 };
const WISHES = {
  " ": { play: true },
  k: { play: true },
  m: { mute: true },
  f: { fullscreen: true },
  i: { pip: true },
  p: { pip: true },
  t: { theatre: true },
  v: { proof: true },
  c: { captions: "toggle" },
  "<": { speed: -1 },
  ">": { speed: 1 },
  ",": { frame: -1 },
  ".": { frame: 1 },
  "?": { sheet: true },
  PageUp: { chapter: -1 },
  PageDown: { chapter: 1 },
};
const SHIFTED = { c: { captions: "next" }, n: { list: 1 }, p: { list: -1 } };

/** What is wished for, as `{play: true}` or `{seek: seconds}`, or null where the key is not ours. */
export function command({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (ctrlKey && shiftKey && !metaKey && !altKey && key.toLowerCase() === "d") return { stats: true };
  if (ctrlKey || metaKey || altKey) return null;
  if (key in VOLUME) return { volume: VOLUME[key] };
  if (key in STEPS) return { seek: shiftKey ? Math.sign(STEPS[key]) : STEPS[key] };
  if (/^[0-9]$/.test(key)) return { jump: Number(key) / 10 };
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (letter in SKIPS) return { seek: SKIPS[letter] };
  return (shiftKey && SHIFTED[letter]) || WISHES[letter] || null;
}

/** Tells the second key of `g l` and `g u`, which lead to other pages, from one that is meant for the film. */
export class Leader {
  #at = -Infinity;

  /** True when this key follows a `g` closely. */
  claims(key, now) {
    const led = now - this.#at < 1000;
    this.#at = key === "g" ? now : -Infinity;
    return led;
  }
}
