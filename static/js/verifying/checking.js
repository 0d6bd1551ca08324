/**
 * Checking a film: its block roots against its PieceCID, then block by block against these.
 *
 * Nobody's word is taken but the PieceCID's, and of that only that it is the film's name.
 */

import { filled, gettext } from "../gettext.js";
import { blockRoot } from "./block.js";
import { parse } from "./cid.js";
import { BLOCK_LEVEL, BLOCK_SIZE, blocksIn, hex, levels, lift, same, way, words } from "./tree.js";

/** The block roots that the library gave do not make up the film's PieceCID. */
export class WrongRoots extends Error {
  name = "WrongRoots";
}

/** The tree over the block roots, as `levels` gives it; WrongRoots where it is not that of `cid`. */
export function treeOver(roots, cid) {
  const { root, size, height } = parse(cid);
  const count = blocksIn(size);
  if (roots.length !== count * 32) {
    throw new WrongRoots(filled(gettext("A film of %(count)s blocks does not have %(roots)s roots."), { count, roots: roots.length / 32 }));
  }
  const all = levels(words(roots), BLOCK_LEVEL, Math.max(height, BLOCK_LEVEL));
  if (!count || !same(all.at(-1), lift(root, height, BLOCK_LEVEL))) throw new WrongRoots(gettext("The block roots are not those of the PieceCID."));
  return { all, count, size };
}

/** The order in which blocks are checked: from the one being watched to the end, then the others. */
export function* order(count, first) {
  const from = Math.min(Math.max(0, first), count - 1);
  for (let i = 0; i < count; i += 1) yield (from + i) % count;
}

/**
 * Check the film that `cid` names. `roots()` gives its block roots, `block(start, stop)` its stored
 * bytes from start to before stop, and `at` (0 to 1) is where in it to begin. Yields first how much
 * there is to check, then what became of each block: `right`, `wrong`, or `away` where its bytes
 * could not be had.
 */
export async function* check({ cid, at, roots, block }) {
  const { all, count, size } = treeOver(await roots(), cid);
  yield { kind: "roots", count, size };
  const waiting = [...order(count, Math.floor(at * count))].map((index) => ({ index, start: index * BLOCK_SIZE, stop: Math.min((index + 1) * BLOCK_SIZE, size) }));
  const ask = (one) => one && quiet(had(block(one.start, one.stop)));
  let coming = ask(waiting[0]);
  for (const [turn, one] of waiting.entries()) {
    const { bytes, why } = await coming;
    // The next comes while this one is counted.
    coming = ask(waiting[turn + 1]);
    const said = { kind: "block", ...one, way: spelled(way(all, one.index)) };
    yield bytes ? { ...said, ...judged(bytes, one, said.way[0].root) } : { ...said, state: "away", why };
  }
}

/** What only this block lacks is told of it; what every other would lack too ends it all. */
async function had(promise) {
  try {
    return { bytes: await promise };
  } catch (error) {
    if (!error.onlyHere) throw error;
    return { why: error.message };
  }
}

/** Whatever becomes of it is told to whoever waits for it, though they wait for another one first. */
function quiet(promise) {
  promise.catch(() => {});
  return promise;
}

function judged(bytes, { start, stop }, wanted) {
  const found = hex(blockRoot(bytes));
  return { state: bytes.length === stop - start && found === wanted ? "right" : "wrong", found };
}

function spelled(steps) {
  return steps.map(({ level, root }) => ({ level, root: hex(root) }));
}
