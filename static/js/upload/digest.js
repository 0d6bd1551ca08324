/** What the bytes of a file are known by, without sending any: a hash of samples, or of all. */

import { Sha256 } from "../sha256.js";

const SAMPLE = 64 * 1024;
// Up to here a file is read as a whole before it is sent, to find it among what is here.
export const SMALL = 64 * 1024 * 1024;
const PART = 4 * 1024 * 1024;

/** 16 hexadecimal digits from the beginning, the middle and the end. */
export async function sampled(file) {
  const middle = Math.max(0, Math.floor((file.size - SAMPLE) / 2));
  const starts = file.size <= 3 * SAMPLE ? [0] : [0, middle, file.size - SAMPLE];
  const hash = new Sha256();
  for (const start of starts) {
    const stop = starts.length === 1 ? file.size : start + SAMPLE;
    hash.update(new Uint8Array(await file.slice(start, stop).arrayBuffer()));
  }
  return hash.hex().slice(0, 16);
}

/** The SHA-256 of a small file; "" of one that is too large to be read for it. */
export async function whole(file, { subtle = globalThis.crypto?.subtle } = {}) {
  if (file.size > SMALL) return "";
  // Browsers have it only where the connection is secure.
  if (subtle) return hex(await subtle.digest("SHA-256", await file.arrayBuffer()));
  const hash = new Sha256();
  for (let start = 0; start < file.size; start += PART) {
    hash.update(new Uint8Array(await file.slice(start, start + PART).arrayBuffer()));
  }
  return hash.hex();
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
