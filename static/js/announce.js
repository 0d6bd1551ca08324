/** What is said aloud of a film on its way: each quarter and each new stage, not each tick. */

import { percent } from "./words.js";

const SAID = {
  receive: "is being received",
  check: "is received and being checked",
  store: "is being stored",
  commit: "is being put on chain",
  verify: "is being read back and compared",
  prove: "is committed and waits for its first proof",
  encrypt: "is being stored anew, encrypted",
};

/** The sentence that the change from `before` to `after` deserves, or "". */
export function announcement(before, after) {
  if (!after) return "";
  const title = after.title || after.filename;
  if (after.state === "refused" && before?.state !== "refused") {
    return `${title} was not accepted. ${after.problem}`;
  }
  const [was, is] = [stageOf(before), stageOf(after)];
  if (was !== is) return is === "done" ? `${title} is stored and checked.` : `${title} ${SAID[is]}.`;
  if (is !== "receive" || !before) return "";
  const [from, to] = [quarter(before), quarter(after)];
  return to > from ? `${title}: ${to * 25} % received.` : "";
}

function stageOf(upload) {
  if (!upload) return "";
  return upload.stages?.find(({ state }) => state !== "done")?.name ?? "done";
}

function quarter({ offset, length }) {
  return Math.floor(percent(offset, length) / 25);
}
