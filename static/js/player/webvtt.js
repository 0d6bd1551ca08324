/** WebVTT as plain cues: captions as a transcript reads them, storyboards. Pure. */

const TIMES = /^(\S+)[ \t]+-->[ \t]+(\S+)/;

function stamp(text) {
  return text.replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `{start, end, text}` in time order; what cannot be read is left out. */
export function cues(file) {
  const found = [];
  for (const block of file.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0) continue;
    const [start, end] = TIMES.exec(lines[at]).slice(1).map(stamp);
    const text = lines.slice(at + 1).join("\n").trim();
    if (Number.isFinite(start + end) && text) found.push({ start, end, text });
  }
  return found.sort((one, other) => one.start - other.start);
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0", lrm: "", rlm: "" };

/** The words of a cue in one line: without tags, and with who speaks before them. */
export function words(text) {
  return text
    .replace(/<v(?:\.[^\s>]*)?\s+([^>]+)>/g, "$1: ")
    .replace(/<[^>]*>/g, "")
    .replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole)
    .replace(/\s+/g, " ")
    .trim();
}

/** The last of `list` (by `start`) that has begun at `time`; its index, or -1. */
export function begun(list, time) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].start <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
