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

test("speed and time left are those measured here, or else the server's", () => {
  const { words, value } = tell(arriving({ speed: 5e6, time_left: 245 }), { state: "sending" });
  assert.equal(words, "61.4 MB of 100 MB · 5 MB/s · about 4 min left");
  assert.equal(value, 61_400_000);
  const pace = { speed: 2e6, left: 8 };
  assert.equal(tell(arriving({ speed: 5e6 }), { state: "sending" }, pace).words, "61.4 MB of 100 MB · 2 MB/s · a few seconds left");
});

test("a pause by the person, the network, the server's restart and a full disk read differently", () => {
  const said = ["paused", "offline", "restarting", "full"].map((state) => tell(arriving(), { state }).words);
  assert.equal(new Set(said).size, 4);
  assert.match(said[1], /goes on by itself/);
  assert.match(said[2], /may be restarting.*goes on by itself/);
  assert.match(said[3], /disk is full/);
  for (const words of said) assert.match(words, /61 % already here/);
});

test("every state has a name and a sentence of its own", () => {
  const copies = { wanted: 2, stored: 1, committed: 0 };
  const onNetwork = (more) => here(4, {}, { copies, film_state: "stored", ...more });
  const told = [
    tell(null, { state: "beginning" }),
    tell(arriving(), null),
    tell(arriving({ paused_at: "2026-11-28T00:00:00Z" }), { state: "paused" }),
    ...["sending", "queued", "offline", "restarting", "full", "changed"].map((state) => tell(arriving(), { state })),
    tell(arriving(), { state: "failed", problem: "No." }),
    tell(arriving({ elsewhere: true }), null),
    ...[1, 2, 3].map((done) => tell(here(done), null)),
    tell(here(2, { error: "Provider 7 did not answer.", attempts: 2 }, { copies }), null),
    tell(here(1, { state: "failed", error: "Cannot be read." }), null),
    tell(onNetwork(), null),
    tell(onNetwork({ film_state: "at_risk", film_reason: "1 of 2 copies is lost." }), null),
    tell(here(4), null),
    tell(arriving({ state: "refused", problem: "Zip." }), null),
    tell(arriving({ state: "expired" }), null),
  ];
  for (const { state, words, tone, offers } of told) assert.ok(state && words && tone && offers, JSON.stringify({ state, words }));
  assert.equal(new Set(told.map(({ words }) => words)).size, told.length);
  const names = told.map(({ state }) => state).filter((state) => state !== "queued");
  assert.equal(new Set(names).size, names.length);
});

test("trouble on the way to providers and the chain asks nothing of the person", () => {
  const copies = { wanted: 2, stored: 0, committed: 0 };
  const { words, state, detail } = tell(here(2, { error: "Provider 7 did not answer.", attempts: 1 }, { copies, provider: "Provider 7" }), null);
  assert.equal(state, "provider-failed");
  assert.match(words, /nothing for you to do/);
  assert.equal(detail, "to Provider 7 · attempt 2");
  const stages = ["receive", "store", "commit"].map((name, index) => ({ name, state: index < 2 ? "done" : "running", attempts: 1, error: index < 2 ? "" : "Reverted." }));
  const commit = tell(arriving({ state: "received", stages, copies }), null);
  assert.equal(commit.state, "commit-failed");
  assert.match(commit.words, /no need to upload again/);
});

test("a film that another window sends can be stopped from here, and not sent twice", () => {
  const { words, offers } = tell(arriving({ elsewhere: true }), null);
  assert.match(words, /another window or device/);
  assert.deepEqual(offers, ["pause", "cancel"]);
});

test("what happens after the last byte is told stage by stage", () => {
  assert.match(tell(here(1), null).words, /^Received\. Checking what it is\./);
  assert.match(tell(here(2), null).words, /Storing.*You can close this page/);
  assert.match(tell(here(2, { error: "The disk is slow.", attempts: 2 }), null).words, /tried again by itself \(2 so far\)/);
  assert.equal(tell(here(4), null).tone, "good");
});

test("the same bytes are offered three ways out, once", () => {
  const duplicate = { id: "vid_1", title: "Alps", url: "/watch/vid_1/" };
  assert.deepEqual(tell(here(4, {}, { duplicate }), null).offers, ["watch", "link", "edit", "original", "keep", "trash"]);
  assert.deepEqual(tell(here(4, {}, { duplicate, kept: true }), null).offers, ["watch", "link", "edit"]);
});

test("a handle of the file makes one click of choosing it again", () => {
  assert.deepEqual(tell(arriving({ handle: {} }), null).offers, ["goon", "cancel"]);
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

test("a film at risk is said to be mended only where somebody mends it", () => {
  const risk = { film_state: "at_risk", film_reason: "A block is wrong." };
  const proving = [...stages(4), { ...stages(4)[3], name: "prove" }];
  assert.match(tell(here(4, {}, { ...risk, stages: proving }), null).words, /It is being mended/);
  assert.match(tell(here(4, {}, risk), null).words, /A block is wrong. Whoever runs this library/);
});
