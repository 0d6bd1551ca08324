/** What a row of the upload page says and offers, from what is known of it. Pure. */

import { filled, gettext } from "./gettext.js";
import { current, isOver } from "./upload/track.js";
import { percent, size, timeLeft } from "./words.js";

/**
 * `upload` is what the server says of it, or null while it is not begun; `job` is what this
 * page does for it, or null; `pace` is `{speed, left}` as measured here, or null. Gives
 * `{state, tone, words, detail, value, max, offers}`: `state` is a name for each sentence.
 */
export function tell(upload, job, pace = null) {
  const told = chosen(upload, job, pace);
  return { detail: "", value: 0, max: 1, ...told };
}

function chosen(upload, job, pace) {
  if (job?.state === "changed") return changed(upload);
  if (job?.state === "failed") return failed(upload, job);
  if (!upload) return beginning(job);
  if (upload.state === "refused") return over("refused", upload.problem || gettext("This file was not accepted."));
  if (upload.state === "expired") return over("expired", EXPIRED);
  if (upload.state === "receiving") return receiving(upload, job, pace);
  return received(upload);
}

const EXPIRED =
  gettext("Nothing came for too long, so what was here has been removed. What you wrote about it is kept: choose the file again to start over.");

function beginning(job) {
  if (job?.state === "paused") return { state: "paused", tone: "quiet", words: gettext("Paused by you. Nothing is sent yet."), offers: ["resume", "cancel"] };
  if (job?.state === "offline") return { state: "offline", tone: "warning", words: gettext("You are offline. It begins by itself when the network is back."), offers: ["cancel"] };
  if (job?.state === "restarting") return { state: "restarting", tone: "warning", words: gettext("The library does not answer; it may be restarting. It begins by itself."), offers: ["cancel"] };
  return { state: "queued", tone: "quiet", words: gettext("Waiting for its turn."), offers: ["cancel"] };
}

// What the server keeps of each, and what happens next: one sentence for each state.
const HERE = {
  queued: ["quiet", (here) => filled(gettext("Waiting for its turn. %(here)s."), { here })],
  paused: ["quiet", (here) => filled(gettext("Paused by you. %(here)s."), { here })],
  offline: ["warning", (here) => filled(gettext("You are offline. %(here)s; it goes on by itself when the network is back."), { here })],
  restarting: ["warning", (here) => filled(gettext("The library does not answer; it may be restarting. %(here)s; it goes on by itself."), { here })],
  full: ["warning", (here) => filled(gettext("The library's disk is full. What was received is kept (%(here)s). Go on when there is room."), { here })],
};
const GOES_ON = { paused: ["resume", "top", "cancel"], full: ["resume", "cancel"], queued: ["pause", "top", "cancel"] };

function receiving(upload, job, pace) {
  const bar = { value: upload.offset, max: upload.length };
  const here = filled(gettext("%(percent)s already here"), { percent: `${percent(upload.offset, upload.length)} %` });
  if (job?.state === "sending") {
    return { ...bar, state: "receiving", tone: "busy", words: arriving(upload, pace), offers: ["pause", "cancel"] };
  }
  if (job && HERE[job.state]) {
    const [tone, words] = HERE[job.state];
    return { ...bar, state: job.state, tone, words: words(here), offers: GOES_ON[job.state] ?? ["pause", "cancel"] };
  }
  if (upload.elsewhere) {
    const words = filled(gettext("Arriving from another window or device. %(progress)s"), { progress: arriving(upload, pace) });
    return { ...bar, state: "elsewhere", tone: "busy", words, offers: ["pause", "cancel"] };
  }
  const waits = upload.paused_at ? gettext("Paused by you. Waiting for file — %(here)s.") : gettext("Waiting for file — %(here)s.");
  const how = upload.handle ? "goon" : "choose";
  return { ...bar, state: "waiting", tone: "warning", words: filled(waits, { here }), offers: [how, "cancel"] };
}

function arriving({ offset, length, speed, time_left: theirs }, pace) {
  const parts = [filled(gettext("%(part)s of %(whole)s"), { part: size(offset), whole: size(length) })];
  const measured = pace?.speed ? pace : { speed, left: theirs };
  if (measured.speed > 0) parts.push(`${size(measured.speed)}/s`);
  if (timeLeft(measured.left)) parts.push(timeLeft(measured.left));
  return parts.join(" · ");
}

const DOING = {
  check: ["checking", gettext("Checking what it is")],
  store: ["storing", gettext("Storing")],
  commit: ["committing", gettext("Putting it on chain")],
  verify: ["verifying", gettext("Reading back and comparing")],
  prove: ["proving", gettext("Committed. Waiting for the first proof")],
  encrypt: ["encrypting", gettext("Storing anew, encrypted")],
};

function received(upload) {
  const stage = current(upload);
  const offers = ["watch", "link"];
  const detail = stage ? facts(upload, stage) : "";
  if (!stage) return { ...finished(upload), value: 1, offers: [...offers, "edit", ...twice(upload)] };
  if (stage.state === "failed") {
    const words = filled(gettext("%(error)s The bytes are safe; no need to upload again. Tell whoever runs this library."), { error: stage.error || gettext("This stage failed.") });
    return { state: "stage-failed", tone: "bad", words, value: 1, offers };
  }
  const bar = { value: stage.done ?? 0, max: stage.total || null };
  if (stage.error) return { ...bar, ...inTrouble(upload, stage), detail, offers: [...offers, ...twice(upload)] };
  const [state, doing] = DOING[stage.name] ?? ["processing", gettext("Waiting")];
  const words = filled(gettext("Received. %(doing)s. You can close this page."), { doing });
  return { ...bar, state, tone: "busy", words, detail, offers: [...offers, ...twice(upload)] };
}

/** Nobody has to do anything about these, and the sentence says so. */
function inTrouble({ copies }, { name, error, attempts }) {
  const again = filled(gettext("It is tried again by itself (%(attempts)s so far)."), { attempts });
  const close = gettext("You can close this page.");
  if (name === "store" && copies?.wanted > 1) {
    return { state: "provider-failed", tone: "warning", words: filled(gettext("Received. %(error)s Another provider is tried where one does not take it; nothing for you to do. %(again)s %(close)s"), { error, again, close }) };
  }
  if (name === "commit") {
    return { state: "commit-failed", tone: "warning", words: filled(gettext("Stored, not on chain yet: no need to upload again. %(error)s %(again)s %(close)s"), { error, again, close }) };
  }
  const [, doing] = DOING[name] ?? ["", gettext("Waiting")];
  return { state: "trouble", tone: "warning", words: filled(gettext("Received. %(doing)s. %(error)s %(again)s %(close)s"), { doing, error, again, close }) };
}

function finished({ copies, film_state: filmState, film_reason: reason, stages }) {
  if (filmState === "at_risk") return { state: "at-risk", tone: "warning", words: filled(gettext("At risk. %(reason)s"), { reason: reason || gettext("Bytes read back were not right.") }) + mending(stages) };
  if (copies && copies.wanted > 1 && copies.stored < copies.wanted) {
    return { state: "few-copies", tone: "warning", words: filled(gettext("%(stored)s of %(wanted)s copies are stored; the others are being made in the background."), { stored: copies.stored, wanted: copies.wanted }) };
  }
  if (stages.some(({ name }) => name === "prove")) return { state: "finished", tone: "good", words: gettext("Proven: every copy is on chain and checked by the network.") };
  return { state: "finished", tone: "good", words: gettext("Stored, read back and compared.") };
}

/** On a network providers are told to make a copy again; on this machine alone nobody is. */
function mending(stages) {
  return stages.some(({ name }) => name === "prove") ? gettext(" It is being mended in the background.") : gettext(" Whoever runs this library has to look at it.");
}

/** Bytes of bytes, which try, and who takes it: under the step that it is in. */
function facts({ provider }, stage) {
  const parts = [];
  if (stage.total && stage.done) parts.push(filled(gettext("%(part)s of %(whole)s"), { part: size(stage.done), whole: size(stage.total) }));
  if (provider) parts.push(filled(gettext("to %(provider)s"), { provider }));
  if (stage.attempts > 0) parts.push(filled(gettext("attempt %(number)s"), { number: stage.attempts + 1 }));
  return parts.join(" · ");
}

function twice(upload) {
  return upload.duplicate && !upload.kept ? ["original", "keep", "trash"] : [];
}

function changed(upload) {
  const here = upload ? filled(gettext(" %(percent)s of the old one is here."), { percent: `${percent(upload.offset, upload.length)} %` }) : "";
  return {
    state: "changed",
    tone: "bad",
    words: filled(gettext("The file changed: it is not the one that was being uploaded.%(here)s Start over with this file, or keep what is here and upload this one as another film."), { here }),
    value: upload?.offset ?? 0,
    max: upload?.length ?? 1,
    offers: upload ? ["over", "another"] : ["over"],
  };
}

function failed(upload, job) {
  return {
    state: "failed",
    tone: "bad",
    words: job.problem,
    value: upload?.offset ?? 0,
    max: upload?.length ?? 1,
    offers: ["resume", "cancel"],
  };
}

function over(state, words) {
  return { state, tone: "bad", words, offers: ["again", "dismiss"] };
}

/** Nothing more will happen to it here. */
export function isFinished(upload) {
  return upload?.state === "received" && upload.stages.every(isOver);
}
