/** What is said aloud of a film on its way: each quarter and each new stage, not each tick. */

import { filled, gettext } from "./gettext.js";
import { percent } from "./words.js";

const SAID = {
  receive: gettext("%(title)s is being received."),
  check: gettext("%(title)s is received and being checked."),
  store: gettext("%(title)s is being stored."),
  commit: gettext("%(title)s is being put on chain."),
  verify: gettext("%(title)s is being read back and compared."),
  prove: gettext("%(title)s is committed and waits for its first proof."),
  encrypt: gettext("%(title)s is being stored anew, encrypted."),
};

/** The sentence that the change from `before` to `after` deserves, or "". */
export function announcement(before, after) {
  if (!after) return "";
  const title = after.title || after.filename;
  if (after.state === "refused" && before?.state !== "refused") {
    return filled(gettext("%(title)s was not accepted. %(problem)s"), { title, problem: after.problem });
  }
  const [was, is] = [stageOf(before), stageOf(after)];
  if (was !== is) return filled(is === "done" ? gettext("%(title)s is stored and checked.") : (SAID[is] ?? ""), { title });
  if (is !== "receive" || !before) return "";
  const [from, to] = [quarter(before), quarter(after)];
  return to > from ? filled(gettext("%(title)s: %(percent)s received."), { title, percent: `${to * 25} %` }) : "";
}

function stageOf(upload) {
  if (!upload) return "";
  return upload.stages?.find(({ state }) => state !== "done")?.name ?? "done";
}

function quarter({ offset, length }) {
  return Math.floor(percent(offset, length) / 25);
}
