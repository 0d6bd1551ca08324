/** PieceCIDs in the browser, held to the vectors that all of filmedia is held to. */

import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { blockRoot, rootOf } from "../../static/js/verifying/block.js";
import { check, order, treeOver, WrongRoots } from "../../static/js/verifying/checking.js";
import { parse, text } from "../../static/js/verifying/cid.js";
import { blockAt } from "../../static/js/verifying/received.js";
import { BLOCK_SIZE, capacity, heightOf, hex, lift, zeroRoot } from "../../static/js/verifying/tree.js";

const KNOWN = JSON.parse(readFileSync(new URL("../vectors/piececid.json", import.meta.url)));

const RECIPES = {
  const: ({ byte }, size) => Buffer.alloc(size, byte),
  mod: ({ m }, size) => Buffer.alloc(size, Uint8Array.from({ length: m }, (_, i) => i)),
  runs: ({ runs }) => Buffer.concat(runs.map(([value, count]) => Buffer.alloc(count, value))),
  sha256ctr({ seed }, size) {
    const counted = Buffer.concat([Buffer.from(seed), Buffer.alloc(8)]);
    const bytes = Buffer.alloc(Math.ceil(size / 32) * 32);
    for (let i = 0; i * 32 < size; i += 1) {
      counted.writeUInt32BE(i, counted.length - 4);
      bytes.set(hash("sha256", counted, "buffer"), i * 32);
    }
    return bytes.subarray(0, size);
  },
};
const made = ({ recipe, size }) => RECIPES[recipe.kind](recipe, size);

function bytesOf(root) {
  return Buffer.from(hex(root), "hex");
}

/** A film of some blocks, and its block roots. */
function film(size) {
  const bytes = RECIPES.mod({ m: 251 }, size);
  const blocks = [];
  for (let at = 0; at < size; at += BLOCK_SIZE) blocks.push(bytes.subarray(at, at + BLOCK_SIZE));
  const roots = Buffer.concat(blocks.map((block) => bytesOf(blockRoot(block))));
  const cid = text(rootOf(bytes), size);
  return { bytes, roots, cid, look: async (start, stop) => bytes.subarray(start, stop) };
}

async function all(wish) {
  const said = [];
  for await (const one of check({ at: 0, ...wish, roots: async () => wish.roots })) said.push(one);
  return said;
}

for (const vector of KNOWN.vectors) {
  test(`the PieceCID of ${vector.id}, ${vector.size} bytes`, () => {
    const root = rootOf(made(vector));
    assert.equal(hex(root), vector.root);
    assert.equal(text(root, vector.size), vector.pieceCidV2);
    const { size, height } = parse(vector.pieceCidV2);
    assert.deepEqual({ size, height }, { size: vector.size, height: vector.height });
  });
}

test("the PieceCIDs of zeros, however many", () => {
  for (const { size, pieceCidV2 } of KNOWN.zeroPieces) assert.equal(text(zeroRoot(heightOf(size)), size), pieceCidV2);
});

test("what is no PieceCID is refused", () => {
  for (const { cid, why } of KNOWN.invalidV2) assert.throws(() => parse(cid), /is not a PieceCID/, why);
});

test("a short block is followed by zeros", () => {
  const short = RECIPES.mod({ m: 251 }, 1000);
  assert.deepEqual(blockRoot(short), blockRoot(Buffer.concat([short, Buffer.alloc(BLOCK_SIZE - 1000)])));
  assert.deepEqual(blockRoot(short), lift(rootOf(short), heightOf(1000), 15));
  assert.equal(capacity(15), BLOCK_SIZE);
});

for (const size of [1, 127, 1000, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE + 5]) {
  test(`a film of ${size} bytes is checked to its PieceCID`, async () => {
    const { roots, cid, look } = film(size);
    const [head, ...blocks] = await all({ cid, roots, block: look });
    assert.deepEqual(head, { kind: "roots", count: Math.ceil(size / BLOCK_SIZE), size });
    assert.ok(blocks.every(({ state }) => state === "right"));
    for (const { way } of blocks) {
      assert.equal(way[0].level, 15);
      assert.equal(way.at(-1).root, hex(lift(parse(cid).root, parse(cid).height, 15)));
    }
  });
}

test("one bit that is not right is found, and its block named", async () => {
  const { bytes, roots, cid, look } = film(3 * BLOCK_SIZE + 5);
  for (const at of [0, 31, 126, BLOCK_SIZE - 1, BLOCK_SIZE, 2 * BLOCK_SIZE + 777, bytes.length - 1]) {
    bytes[at] ^= 0x80;
    const wrong = (await all({ cid, roots, block: look })).filter(({ state }) => state === "wrong");
    bytes[at] ^= 0x80;
    assert.deepEqual(wrong.map(({ index }) => index), [Math.floor(at / BLOCK_SIZE)]);
    assert.notEqual(wrong[0].found, wrong[0].way[0].root);
  }
});

test("a block that is cut short is wrong, though zeros would follow it", async () => {
  const { roots, cid, bytes } = film(BLOCK_SIZE + 300);
  bytes[BLOCK_SIZE + 299] = 0;
  const itsName = text(rootOf(bytes), bytes.length);
  const itsRoots = Buffer.concat([roots.subarray(0, 32), bytesOf(blockRoot(bytes.subarray(BLOCK_SIZE)))]);
  assert.notEqual(itsName, cid);
  const said = await all({ cid: itsName, roots: itsRoots, block: async (start, stop) => bytes.subarray(start, Math.min(stop, BLOCK_SIZE + 299)) });
  assert.deepEqual(said.slice(1).map(({ state }) => state), ["right", "wrong"]);
});

test("roots that are not the film's are believed in nothing", async () => {
  const { roots, cid, look } = film(3 * BLOCK_SIZE);
  const other = Buffer.from(roots);
  other[40] ^= 1;
  // One more block of zeros would end in the same root.
  const more = [roots.subarray(0, 32), bytesOf(zeroRoot(15))].map((one) => Buffer.concat([roots, one]));
  for (const given of [other, roots.subarray(32), ...more, Buffer.alloc(0)]) {
    assert.throws(() => treeOver(given, cid), WrongRoots);
  }
  await assert.rejects(() => all({ cid, roots: other, block: look }), WrongRoots);
});

test("a block that cannot be had does not hold up the others", async () => {
  const { roots, cid, bytes } = film(3 * BLOCK_SIZE);
  const block = async (start, stop) => {
    if (start === BLOCK_SIZE) throw Object.assign(new Error("No copy can be read."), { onlyHere: true });
    return bytes.subarray(start, stop);
  };
  const said = await all({ cid, roots, block });
  assert.deepEqual(said.slice(1).map(({ state, why }) => why ?? state), ["right", "No copy can be read.", "right"]);
});

test("what no block could be had for ends it", async () => {
  const { roots, cid } = film(3 * BLOCK_SIZE);
  await assert.rejects(() => all({ cid, roots, block: () => Promise.reject(new Error("You are offline.")) }), /offline/);
});

test("the worker says what is the matter in the words of the page's catalogue", async (t) => {
  const { cid } = film(BLOCK_SIZE);
  const told = (answer) => new Promise((resolve) => Object.assign(answer, { postMessage: resolve }));
  const hears = {};
  globalThis.self = { addEventListener: (type, hear) => (hears[type] = hear) };
  Object.defineProperty(globalThis.self, "django", { set: (given) => (globalThis.django = given) });
  t.after(() => ["self", "django"].forEach((name) => delete globalThis[name]));
  t.mock.method(globalThis, "fetch", async () => new Response("", { headers: { ETag: '"another"' } }));
  await import("../../static/js/verifying/worker.js");
  const ask = (words) => {
    const answer = told(globalThis.self);
    hears.message({ data: { cid, at: 0, roots: "http://library.test/roots", piece: "", words } });
    return answer;
  };
  assert.deepEqual(await ask({ "It was stored anew.": "Neu gespeichert." }), { kind: "failed", name: "StoredAnew", message: "Neu gespeichert." });
  assert.equal((await ask(undefined)).message, "It was stored anew.");
});

test("what is watched is checked first", () => {
  assert.deepEqual([...order(5, 3)], [3, 4, 0, 1, 2]);
  assert.deepEqual([...order(3, 3)], [2, 0, 1]);
});

test("the whole film where a part was asked for is no wrong block, but one that could not be had", async (t) => {
  const { roots, cid, bytes } = film(2 * BLOCK_SIZE);
  const answers = async (status) => {
    t.mock.method(globalThis, "fetch", async (_, { headers }) => {
      const [start, last] = new Headers(headers).get("Range").slice("bytes=".length).split("-").map(Number);
      return new Response(status === 206 ? bytes.subarray(start, last + 1) : bytes, { status });
    });
    const said = await all({ cid, roots, block: (start, stop) => blockAt("http://library.test/film", start, stop) });
    return said.slice(1).map(({ state }) => state);
  };
  assert.deepEqual(await answers(200), ["away", "away"]);
  assert.deepEqual(await answers(206), ["right", "right"]);
});
