/**
 * The node over two nodes of a piece's tree: SHA-256 of the two, its last byte cut to six bits.
 *
 * Nodes are eight words of 32 bits, the first byte highest; many of them lie in one Int32Array.
 * A browser's own SHA-256 answers later, and one promise for each of 32,767 nodes of a block
 * takes longer than counting them here.
 */

import { K as CONSTANTS, ROUNDS, START as BEGIN } from "../sha256_constants.js";

export const WORDS = 8;
// With a sign, as all that is counted here: browsers are quicker so.
const K = Int32Array.from(CONSTANTS);
const START = Int32Array.from(BEGIN);
// Two nodes fill one block of SHA-256. The next is the same each time: it says how long they are.
const END = spread(Int32Array.from([0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512].concat(Array(48).fill(0)))).map((word, i) => word + K[i]);
const SIX_BITS = ~0xc0;

const scheduled = new Int32Array(ROUNDS);
const state = new Int32Array(WORDS);

/** Write the parents of `count` nodes, an even number, to `into`; it may be `nodes` itself. */
export function parents(nodes, count, into = nodes) {
  for (let from = 0, to = 0; from < count * WORDS; from += 2 * WORDS, to += WORDS) {
    for (let i = 0; i < 16; i += 1) scheduled[i] = nodes[from + i];
    spread(scheduled);
    for (let i = 0; i < ROUNDS; i += 1) scheduled[i] += K[i];
    state.set(START);
    mix(scheduled);
    mix(END);
    into.set(state, to);
    into[to + 7] &= SIX_BITS;
  }
  return into;
}

/** The parent of two nodes. */
export function node(left, right) {
  const both = new Int32Array(2 * WORDS);
  both.set(left);
  both.set(right, WORDS);
  return parents(both, 2, new Int32Array(WORDS));
}

function spread(w) {
  for (let i = 16; i < ROUNDS; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  return w;
}

/** One block of SHA-256 into `state`; its constants are in `w` already. */
function mix(w) {
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < ROUNDS; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}
