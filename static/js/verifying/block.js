/** The root of bytes: Fr32, and the tree over it. Pure. */

import { parents, WORDS } from "./node.js";
import { BLOCK_LEVEL, BLOCK_SIZE, capacity, heightOf, levels, lift, QUAD } from "./tree.js";

const LEAVES = 4;

/** The root of one block as stored; a short one is the last of its film, so zeros follow it. */
export function blockRoot(bytes) {
  const height = heightOf(bytes.length);
  return lift(rootOf(bytes, height), height, BLOCK_LEVEL);
}

/** The root of any bytes at the height of their own tree: block by block, as files are. */
export function rootOf(bytes, height = heightOf(bytes.length)) {
  if (height <= BLOCK_LEVEL) return small(bytes, height);
  const roots = new Int32Array(Math.ceil(bytes.length / BLOCK_SIZE) * WORDS);
  for (let at = 0, to = 0; at < bytes.length; at += BLOCK_SIZE, to += WORDS) {
    roots.set(blockRoot(bytes.subarray(at, at + BLOCK_SIZE)), to);
  }
  return levels(roots, BLOCK_LEVEL, height).at(-1);
}

function small(bytes, height) {
  let nodes = leaves(bytes, capacity(height) / QUAD);
  let count = nodes.length / WORDS;
  for (let level = 0; level < height; level += 1, count /= 2) parents(nodes, count);
  return nodes.slice(0, WORDS);
}

/** Fr32: each 127 bytes, lowest bit first, as four leaves of 254 bits under two zero bits each. */
function leaves(bytes, quads) {
  const whole = new Uint8Array(quads * QUAD);
  whole.set(bytes);
  const spread = new Uint8Array(quads * (QUAD + 1));
  for (let from = 0, to = 0; from < whole.length; from += QUAD, to += QUAD + 1) quad(whole, from, spread, to);
  const view = new DataView(spread.buffer);
  const nodes = new Int32Array(quads * LEAVES * WORDS);
  for (let i = 0; i < nodes.length; i += 1) nodes[i] = view.getInt32(4 * i);
  return nodes;
}

function quad(bytes, from, into, to) {
  for (let i = 0; i < 32; i += 1) into[to + i] = bytes[from + i];
  for (let i = 32; i < 64; i += 1) into[to + i] = (bytes[from + i - 1] >> 6) | (bytes[from + i] << 2);
  for (let i = 64; i < 96; i += 1) into[to + i] = (bytes[from + i - 1] >> 4) | (bytes[from + i] << 4);
  for (let i = 96; i < 127; i += 1) into[to + i] = (bytes[from + i - 1] >> 2) | (bytes[from + i] << 6);
  into[to + 127] = bytes[from + 126] >> 2;
  for (let last = to + 31; last < to + 128; last += 32) into[last] &= 0x3f;
}
