import assert from "node:assert/strict";
import test from "node:test";
import { announcement } from "../../static/js/announce.js";
import { tell } from "../../static/js/row.js";

const NAMES = ["receive", "check", "store", "verify"];
const stages = (done, more = {}) =>
  NAMES.map((name, index) => ({
    name,
    state: index < done ? "done" : index === done ? "running" : "waiting",
    done: 0,
    total: null,
    attempts: 0,
    error: "",
    ...(index === done ? more : {}),
  }));
const arriving = (more) => ({
  title: "Harbour",
  state: "receiving",
  offset: 61_400_000,
  length: 100_000_000,
  speed: 0,
  time_left: null,
  stages: stages(0),
  ...more,
});
const here = (done, more, facts) => arriving({ state: "received", offset: 100_000_000, stages: stages(done, more), ...facts });

test("after a reload a film waits for its file and says how much is here", () => {
  const { words, offers } = tell(arriving(), null);
  assert.equal(words, "Waiting for file — 61 % already here.");
  assert.deepEqual(offers, ["choose", "cancel"]);
});

test("bytes, speed and time left are the server's", () => {
  const { words, value } = tell(arriving({ speed: 5e6, time_left: 245 }), { state: "sending" });
  assert.equal(words, "61.4 MB of 100 MB · 5 MB/s · about 4 min left");
  assert.equal(value, 61_400_000);
});

test("a pause by the person, by the network and by a full disk read differently", () => {
  const said = ["paused", "offline", "full"].map((state) => tell(arriving(), { state }).words);
  assert.equal(new Set(said).size, 3);
  assert.match(said[1], /goes on by itself/);
  assert.match(said[2], /disk is full/);
  for (const words of said) assert.match(words, /61 % already here/);
});

test("a film that another window sends is not offered here", () => {
  const { words, offers } = tell(arriving({ elsewhere: true }), null);
  assert.match(words, /another window or device/);
  assert.deepEqual(offers, []);
});

test("what happens after the last byte is told stage by stage", () => {
  assert.match(tell(here(1), null).words, /^Received\. Checking what it is\./);
  assert.match(tell(here(2), null).words, /Storing.*You can close this page/);
  assert.match(tell(here(2, { error: "The disk is slow.", attempts: 2 }), null).words, /tried again by itself \(2 so far\)/);
  assert.equal(tell(here(4), null).tone, "good");
});

test("the same bytes are offered three ways out, once", () => {
  const duplicate = { id: "vid_1", title: "Alps", url: "/watch/vid_1/" };
  assert.deepEqual(tell(here(4, {}, { duplicate }), null).offers, ["watch", "original", "keep", "trash"]);
  assert.deepEqual(tell(here(4, {}, { duplicate, kept: true }), null).offers, ["watch"]);
});

test("a refusal is shown as the server says it", () => {
  assert.equal(tell(arriving({ state: "refused", problem: "This is a zip archive." }), null).words, "This is a zip archive.");
});

test("another file of the same name is asked about", () => {
  assert.deepEqual(tell(arriving(), { state: "changed" }).offers, ["over", "another"]);
});

test("quarters and stages are said aloud, ticks are not", () => {
  const at = (offset) => arriving({ offset: offset * 1_000_000 });
  assert.equal(announcement(at(24), at(25)), "Harbour: 25 % received.");
  assert.equal(announcement(at(25), at(49)), "");
  assert.equal(announcement(at(49), at(76)), "Harbour: 75 % received.");
  assert.equal(announcement(at(99), here(1)), "Harbour is received and being checked.");
  assert.equal(announcement(here(3), here(4)), "Harbour is stored and checked.");
  const refused = arriving({ state: "refused", problem: "This is text." });
  assert.equal(announcement(at(99), refused), "Harbour was not accepted. This is text.");
});
