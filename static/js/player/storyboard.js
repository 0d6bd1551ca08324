/** Small pictures of a film: a WebVTT file whose cues name a part of a larger picture. Pure. */

import { begun, cues } from "./webvtt.js";

const TILE = /^(\S*?)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

/** Tiles in time order: `{start, end, url, x, y, w, h}`. What names no part of a picture is left out. */
export function tiles(file, base) {
  return cues(file).flatMap(({ start, end, text }) => {
    const part = TILE.exec(text);
    if (!part) return [];
    const [x, y, w, h] = part.slice(2).map(Number);
    return w && h ? [{ start, end, url: new URL(part[1], base).href, x, y, w, h }] : [];
  });
}

/** The tile of a moment: the last that has begun. */
export function tileAt(board, time) {
  return board[Math.max(0, begun(board, time))] ?? null;
}
