/** Small pictures of a film: a WebVTT file whose cues name a part of a larger picture. Pure. */

const TIMES = /^(\S+)\s+-->\s+(\S+)/;
const TILE = /^(\S*?)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

function stamp(text) {
  const parts = text.replace(",", ".").split(":").map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

/** Tiles in time order: `{start, end, url, x, y, w, h}`. What cannot be read is left out. */
export function tiles(text, base) {
  const found = [];
  for (const block of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    const part = at >= 0 && TILE.exec(lines[at + 1]?.trim() ?? "");
    if (!part) continue;
    const [start, end] = TIMES.exec(lines[at]).slice(1).map(stamp);
    const [x, y, w, h] = part.slice(2).map(Number);
    if (!Number.isFinite(start + end) || !w || !h) continue;
    found.push({ start, end, url: new URL(part[1], base).href, x, y, w, h });
  }
  return found.sort((one, other) => one.start - other.start);
}

/** The tile of a moment: the last that has begun. */
export function tileAt(board, time) {
  let [low, high] = [0, board.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (board[middle].start <= time) low = middle + 1;
    else high = middle;
  }
  return board[Math.max(0, low - 1)] ?? null;
}
