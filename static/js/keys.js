/** What a key does while watching. Pure. */

const STEPS = { j: -10, l: 10, ArrowLeft: -5, ArrowRight: 5 };
const VOLUME = { ArrowUp: 0.05, ArrowDown: -0.05 };

/** `{play}`, `{seek: seconds}`, `{jump: share}`, `{volume}`, `{mute}`, `{fullscreen}` or null. */
export function command({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key in VOLUME) return { volume: VOLUME[key] };
  if (key in STEPS) return { seek: shiftKey && key.startsWith("Arrow") ? STEPS[key] / 5 : STEPS[key] };
  if (/^[0-9]$/.test(key)) return { jump: Number(key) / 10 };
  switch (key.toLowerCase()) {
    case " ":
    case "k":
      return { play: true };
    case "m":
      return { mute: true };
    case "f":
      return { fullscreen: true };
    default:
      return null;
  }
}
