/** What a row of the upload page says and offers, from what is known of it. Pure. */

import { percent, size, timeLeft } from "./words.js";

/**
 * `upload` is what the server says of it, or null while it is not begun; `job` is what
 * this page does for it, or null. Gives `{tone, words, value, max, offers}`.
 */
export function tell(upload, job) {
  if (job?.state === "changed") return changed(upload);
  if (job?.state === "failed") return failed(upload, job);
  if (!upload) return { ...quiet("Waiting for its turn."), offers: ["cancel"] };
  if (upload.state === "refused") return over(upload.problem || "This file was not accepted.");
  if (upload.state === "expired") return over(EXPIRED);
  if (upload.state === "receiving") return receiving(upload, job);
  return received(upload);
}

const EXPIRED =
  "Nothing came for too long, so what was here has been removed. Choose the file again to start over.";

function receiving(upload, job) {
  const bar = { value: upload.offset, max: upload.length };
  const here = `${percent(upload.offset, upload.length)} % already here`;
  const offers = ["pause", "cancel"];
  switch (job?.state) {
    case "sending":
      return { ...bar, tone: "busy", words: arriving(upload), offers };
    case "queued":
      return { ...bar, tone: "quiet", words: `Waiting for its turn. ${here}.`, offers };
    case "offline":
      return { ...bar, tone: "warning", words: `Waiting for the network; it goes on by itself. ${here}.`, offers };
    case "paused":
      return { ...bar, tone: "quiet", words: `Paused by you. ${here}.`, offers: ["resume", "cancel"] };
    case "full":
      return { ...bar, tone: "warning", words: `The library's disk is full. What was received is kept (${here}). Go on when there is room.`, offers: ["resume", "cancel"] };
    default:
      if (upload.elsewhere) {
        return { ...bar, tone: "busy", words: `Arriving from another window or device. ${arriving(upload)}`, offers: [] };
      }
      return { ...bar, tone: "warning", words: `Waiting for file — ${here}.`, offers: ["choose", "cancel"] };
  }
}

function arriving({ offset, length, speed, time_left: left }) {
  const parts = [`${size(offset)} of ${size(length)}`];
  if (speed > 0) parts.push(`${size(speed)}/s`);
  if (timeLeft(left)) parts.push(timeLeft(left));
  return parts.join(" · ");
}

const DOING = {
  check: "Checking what it is",
  store: "Storing",
  commit: "Putting it on chain",
  verify: "Reading back and comparing",
  prove: "Committed. Waiting for the first proof",
  encrypt: "Storing anew, encrypted",
};

function received(upload) {
  const stage = upload.stages.find(({ state, error }) => state !== "done" && error) ?? upload.stages.find(({ state }) => state !== "done");
  const offers = ["watch"];
  if (!stage) {
    return { tone: "good", words: "Stored, read back and compared.", value: 1, max: 1, offers: [...offers, ...twice(upload)] };
  }
  if (stage.state === "failed") {
    return { tone: "bad", words: `${stage.error || "This stage failed."} The bytes are safe; no need to upload again. Tell whoever runs this library.`, value: 1, max: 1, offers };
  }
  const bar = { value: stage.done ?? 0, max: stage.total || null };
  const again = stage.error ? ` ${stage.error} It is tried again by itself (${stage.attempts} so far).` : "";
  return {
    ...bar,
    tone: stage.error ? "warning" : "busy",
    words: `Received. ${DOING[stage.name] ?? "Waiting"}.${again} You can close this page.`,
    offers: [...offers, ...twice(upload)],
  };
}

function twice(upload) {
  return upload.duplicate && !upload.kept ? ["original", "keep", "trash"] : [];
}

function changed(upload) {
  const here = upload ? ` ${percent(upload.offset, upload.length)} % of the old one is here.` : "";
  return {
    tone: "bad",
    words: `The file changed: it is not the one that was being uploaded.${here} Start over with this file, or keep what is here and upload this one as another film.`,
    value: upload?.offset ?? 0,
    max: upload?.length ?? 1,
    offers: ["over", "another"],
  };
}

function failed(upload, job) {
  return {
    tone: "bad",
    words: job.problem,
    value: upload?.offset ?? 0,
    max: upload?.length ?? 1,
    offers: ["resume", "cancel"],
  };
}

function over(words) {
  return { tone: "bad", words, value: 0, max: 1, offers: ["dismiss"] };
}

function quiet(words) {
  return { tone: "quiet", words, value: 0, max: 1 };
}
