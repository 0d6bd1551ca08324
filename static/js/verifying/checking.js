/**
 * Checking a film: its block roots against its PieceCID, then block by block against these.
 *
 * Nobody's word is taken but the PieceCID's, and of that only that it is the film's name.
 */

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
  if (roots.length !== count * 32) throw new WrongRoots(`A film of ${count} blocks does not have ${roots.length / 32} roots.`);
  const all = levels(words(roots), BLOCK_LEVEL, Math.max(height, BLOCK_LEVEL));
  if (!count || !same(all.at(-1), lift(root, height, BLOCK_LEVEL))) throw new WrongRoots("The block roots are not those of the PieceCID.");
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
  for (const index of order(count, Math.floor(at * count))) {
    const [start, stop] = [index * BLOCK_SIZE, Math.min((index + 1) * BLOCK_SIZE, size)];
    const steps = way(all, index);
    const said = { kind: "block", index, start, stop, way: steps.map((step) => ({ ...step, root: hex(step.root), beside: step.beside && hex(step.beside) })) };
    let bytes;
    try {
      bytes = await block(start, stop);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      yield { ...said, state: "away", why: error.message };
      continue;
    }
    const found = blockRoot(bytes);
    const right = bytes.length === stop - start && same(found, steps[0].root);
    yield { ...said, state: right ? "right" : "wrong", found: hex(found) };
  }
}
