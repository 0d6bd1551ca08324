/** What a row of the upload page says and offers, from what is known of it. Pure. */

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
  if (upload.state === "refused") return over("refused", upload.problem || "This file was not accepted.");
  if (upload.state === "expired") return over("expired", EXPIRED);
  if (upload.state === "receiving") return receiving(upload, job, pace);
  return received(upload);
}

const EXPIRED =
  "Nothing came for too long, so what was here has been removed. What you wrote about it is kept: choose the file again to start over.";

function beginning(job) {
  if (job?.state === "paused") return { state: "paused", tone: "quiet", words: "Paused by you. Nothing is sent yet.", offers: ["resume", "cancel"] };
  if (job?.state === "offline") return { state: "offline", tone: "warning", words: "You are offline. It begins by itself when the network is back.", offers: ["cancel"] };
  if (job?.state === "restarting") return { state: "restarting", tone: "warning", words: "The library does not answer; it may be restarting. It begins by itself.", offers: ["cancel"] };
  return { state: "queued", tone: "quiet", words: "Waiting for its turn.", offers: ["cancel"] };
}

// What the server keeps of each, and what happens next: one sentence for each state.
const HERE = {
  queued: ["quiet", (here) => `Waiting for its turn. ${here}.`],
  paused: ["quiet", (here) => `Paused by you. ${here}.`],
  offline: ["warning", (here) => `You are offline. ${here}; it goes on by itself when the network is back.`],
  restarting: ["warning", (here) => `The library does not answer; it may be restarting. ${here}; it goes on by itself.`],
  full: ["warning", (here) => `The library's disk is full. What was received is kept (${here}). Go on when there is room.`],
};
const GOES_ON = { paused: ["resume", "top", "cancel"], full: ["resume", "cancel"], queued: ["pause", "top", "cancel"] };

function receiving(upload, job, pace) {
  const bar = { value: upload.offset, max: upload.length };
  const here = `${percent(upload.offset, upload.length)} % already here`;
  if (job?.state === "sending") {
    return { ...bar, state: "receiving", tone: "busy", words: arriving(upload, pace), offers: ["pause", "cancel"] };
  }
  if (job && HERE[job.state]) {
    const [tone, words] = HERE[job.state];
    return { ...bar, state: job.state, tone, words: words(here), offers: GOES_ON[job.state] ?? ["pause", "cancel"] };
  }
  if (upload.elsewhere) {
    const words = `Arriving from another window or device. ${arriving(upload, pace)}`;
    return { ...bar, state: "elsewhere", tone: "busy", words, offers: ["pause", "cancel"] };
  }
  const paused = upload.paused_at ? "Paused by you. " : "";
  const how = upload.handle ? "goon" : "choose";
  return { ...bar, state: "waiting", tone: "warning", words: `${paused}Waiting for file — ${here}.`, offers: [how, "cancel"] };
}

function arriving({ offset, length, speed, time_left: theirs }, pace) {
  const parts = [`${size(offset)} of ${size(length)}`];
  const measured = pace?.speed ? pace : { speed, left: theirs };
  if (measured.speed > 0) parts.push(`${size(measured.speed)}/s`);
  if (timeLeft(measured.left)) parts.push(timeLeft(measured.left));
  return parts.join(" · ");
}

const DOING = {
  check: ["checking", "Checking what it is"],
  store: ["storing", "Storing"],
  commit: ["committing", "Putting it on chain"],
  verify: ["verifying", "Reading back and comparing"],
  prove: ["proving", "Committed. Waiting for the first proof"],
  encrypt: ["encrypting", "Storing anew, encrypted"],
};

function received(upload) {
  const stage = current(upload);
  const offers = ["watch", "link"];
  const detail = stage ? facts(upload, stage) : "";
  if (!stage) return { ...finished(upload), value: 1, offers: [...offers, "edit", ...twice(upload)] };
  if (stage.state === "failed") {
    const words = `${stage.error || "This stage failed."} The bytes are safe; no need to upload again. Tell whoever runs this library.`;
    return { state: "stage-failed", tone: "bad", words, value: 1, offers };
  }
  const bar = { value: stage.done ?? 0, max: stage.total || null };
  if (stage.error) return { ...bar, ...inTrouble(upload, stage), detail, offers: [...offers, ...twice(upload)] };
  const [state, doing] = DOING[stage.name] ?? ["processing", "Waiting"];
  const words = `Received. ${doing}. You can close this page.`;
  return { ...bar, state, tone: "busy", words, detail, offers: [...offers, ...twice(upload)] };
}

/** Nobody has to do anything about these, and the sentence says so. */
function inTrouble({ copies }, { name, error, attempts }) {
  const again = `It is tried again by itself (${attempts} so far).`;
  const close = "You can close this page.";
  if (name === "store" && copies?.wanted > 1) {
    return { state: "provider-failed", tone: "warning", words: `Received. ${error} Another provider is tried where one does not take it; nothing for you to do. ${again} ${close}` };
  }
  if (name === "commit") {
    return { state: "commit-failed", tone: "warning", words: `Stored, not on chain yet: no need to upload again. ${error} ${again} ${close}` };
  }
  const [, doing] = DOING[name] ?? ["", "Waiting"];
  return { state: "trouble", tone: "warning", words: `Received. ${doing}. ${error} ${again} ${close}` };
}

function finished({ copies, film_state: filmState, film_reason: reason, stages }) {
  if (filmState === "at_risk") return { state: "at-risk", tone: "warning", words: `At risk. ${reason || "Bytes read back were not right."}${mending(stages)}` };
  if (copies && copies.wanted > 1 && copies.stored < copies.wanted) {
    return { state: "few-copies", tone: "warning", words: `${copies.stored} of ${copies.wanted} copies are stored; the others are being made in the background.` };
  }
  if (stages.some(({ name }) => name === "prove")) return { state: "finished", tone: "good", words: "Proven: every copy is on chain and checked by the network." };
  return { state: "finished", tone: "good", words: "Stored, read back and compared." };
}

/** On a network providers are told to make a copy again; on this machine alone nobody is. */
function mending(stages) {
  return stages.some(({ name }) => name === "prove") ? " It is being mended in the background." : " Whoever runs this library has to look at it.";
}

/** Bytes of bytes, which try, and who takes it: under the step that it is in. */
function facts({ provider }, stage) {
  const parts = [];
  if (stage.total && stage.done) parts.push(`${size(stage.done)} of ${size(stage.total)}`);
  if (provider) parts.push(`to ${provider}`);
  if (stage.attempts > 0) parts.push(`attempt ${stage.attempts + 1}`);
  return parts.join(" · ");
}

function twice(upload) {
  return upload.duplicate && !upload.kept ? ["original", "keep", "trash"] : [];
}

function changed(upload) {
  const here = upload ? ` ${percent(upload.offset, upload.length)} % of the old one is here.` : "";
  return {
    state: "changed",
    tone: "bad",
    words: `The file changed: it is not the one that was being uploaded.${here} Start over with this file, or keep what is here and upload this one as another film.`,
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
