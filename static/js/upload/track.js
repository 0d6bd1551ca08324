/** The steps of a film as its row shows them, from the stages that the server tells. Pure. */

import { gettext } from "../gettext.js";

const WORDS = {
  receive: gettext("Receive"),
  check: gettext("Check"),
  store: gettext("Store"),
  commit: gettext("Commit"),
  verify: gettext("Read back"),
  prove: gettext("First proof"),
  encrypt: gettext("Encrypt"),
};
/** The state of a step as it is read out. */
export const STATES = { waiting: gettext("waiting"), running: gettext("running"), done: gettext("done"), failed: gettext("failed") };
const OVER = new Set(["done", "skipped"]);

export const isOver = ({ state }) => OVER.has(state);

/**
 * `{name, words, state}` for each step. Reading back is part of the way to the first proof,
 * where there is one; storing and committing say how many copies there are of those wanted.
 */
export function steps(upload) {
  const { stages, copies } = upload;
  const proves = stages.some(({ name }) => name === "prove");
  const refused = upload.state === "refused";
  return stages
    .filter(({ name }) => !(proves && name === "verify"))
    .map((stage) => {
      const told = proves && stage.name === "prove" ? proof(stages) : stage;
      const state = refused && stage.name === "check" ? "failed" : isOver(told) ? "done" : told.state;
      return { name: stage.name, words: words(stage.name, copies), state, error: told.error };
    });
}

function proof(stages) {
  const [verify, prove] = ["verify", "prove"].map((wanted) => stages.find(({ name }) => name === wanted));
  return !verify || isOver(verify) ? prove : verify;
}

function words(name, copies) {
  const count = { store: copies?.stored, commit: copies?.committed }[name];
  return copies?.wanted > 1 && count !== undefined ? `${WORDS[name]} ${count}/${copies.wanted}` : (WORDS[name] ?? name);
}

/** The stage that a film is in: one that is in trouble before one that only waits. */
export function current({ stages }) {
  const open = stages.filter((stage) => !isOver(stage));
  return open.find(({ error, state }) => error || state === "failed") ?? open[0] ?? null;
}
