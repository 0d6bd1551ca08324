/** PieceCID v2: root and size in one text. Pure; reads what `filmedia/filecoin/cid.py` writes. */

import { filled, gettext } from "../gettext.js";
import { capacity, heightOf, hex, NODE, words } from "./tree.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
// CID version 1, codec raw, multihash fr32-sha2-256-trunc254-padded-binary-tree.
const V2 = [0x01, 0x55, 0x91, 0x20];

/** `{ root, size, height }` of the text; an Error for what is no PieceCID v2 in its one spelling. */
export function parse(given) {
  const digest = fromBase32(given).subarray(V2.length + 1);
  const [padding, used] = number(digest);
  const height = digest[used];
  const size = capacity(height) - padding;
  const root = words(digest.slice(used + 1));
  // What is spelled in another way than we would names nothing.
  if (digest.length !== used + 1 + NODE || !(size >= 0) || text(root, size) !== given) {
    throw new Error(filled(gettext("%(given)s is not a PieceCID."), { given }));
  }
  return { root, size, height };
}

/** The text of a root and a size. */
export function text(root, size) {
  const height = heightOf(size);
  const digest = [...varint(capacity(height) - size), height, ...bytesOf(root)];
  return toBase32([...V2, digest.length, ...digest]);
}

function bytesOf(root) {
  return hex(root).match(/../g).map((byte) => parseInt(byte, 16));
}

// Arithmetic, not bits: a padding can be larger than 32 bits.
function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

function number(bytes) {
  let value = 0;
  for (const [i, byte] of bytes.subarray(0, 9).entries()) {
    value += (byte % 128) * 128 ** i;
    if (byte < 128) return [value, i + 1];
  }
  return [NaN, 0];
}

function fromBase32(text) {
  const bytes = [];
  let [held, bits] = [0, 0];
  for (const letter of text.slice(1)) {
    held = (held << 5) | LETTERS.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
    held &= 2 ** bits - 1;
  }
  return Uint8Array.from(bytes);
}

function toBase32(bytes) {
  let [letters, held, bits] = ["b", 0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; held &= (1 << bits) - 1) {
      bits -= 5;
      letters += LETTERS[held >> bits];
    }
  }
  return bits ? letters + LETTERS[held << (5 - bits)] : letters;
}
