/** The tree under a piece: its sizes, the roots of zeros, and the way up to its root. Pure. */

import { node, parents, WORDS } from "./node.js";

export const NODE = 32;
export const QUAD = 127;
export const QUAD_LEVEL = 2;
export const BLOCK_LEVEL = 15;
export const BLOCK_SIZE = QUAD << (BLOCK_LEVEL - QUAD_LEVEL);

const zeros = [new Int32Array(WORDS)];

/** The root of a subtree of zeros. */
export function zeroRoot(level) {
  while (zeros.length <= level) zeros.push(node(zeros.at(-1), zeros.at(-1)));
  return zeros[level];
}

/** The height of the smallest tree that holds `size` bytes. */
export function heightOf(size) {
  let height = QUAD_LEVEL;
  while (capacity(height) < size) height += 1;
  return height;
}

export function capacity(height) {
  return QUAD * 2 ** (height - QUAD_LEVEL);
}

export function blocksIn(size) {
  return Math.ceil(size / BLOCK_SIZE);
}

/** The root of a larger tree that has zeros in all the room to the right. */
export function lift(root, level, to) {
  for (let height = level; height < to; height += 1) root = node(root, zeroRoot(height));
  return root;
}

/** All nodes from those of `level` up to the one at `height`: a list of levels, zeros filled in. */
export function levels(nodes, level, height) {
  const all = [];
  for (; level < height; level += 1) {
    if (nodes.length % (2 * WORDS)) nodes = joined(nodes, zeroRoot(level));
    all.push(nodes);
    nodes = parents(nodes, nodes.length / WORDS, new Int32Array(nodes.length / 2));
  }
  return [...all, nodes];
}

/** The nodes over block `index`, from its own root to that of the tree. */
export function way(all, index) {
  return all.map((nodes, step) => ({ level: BLOCK_LEVEL + step, root: nodeAt(nodes, index >> step) }));
}

export function nodeAt(nodes, index) {
  return nodes.subarray(index * WORDS, (index + 1) * WORDS);
}

export function same(one, other) {
  return one.length === other.length && one.every((word, i) => word === other[i]);
}

/** Nodes as words, from their bytes. */
export function words(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i));
}

export function hex(root) {
  return Array.from(root, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function joined(nodes, last) {
  const all = new Int32Array(nodes.length + last.length);
  all.set(nodes);
  all.set(last, nodes.length);
  return all;
}
