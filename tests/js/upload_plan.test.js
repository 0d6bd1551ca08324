import assert from "node:assert/strict";
import test from "node:test";
import { moved, ORDERS, ranked, toTop } from "../../static/js/upload/order.js";
import { Pace } from "../../static/js/upload/pace.js";
import { Pacing } from "../../static/js/upload/pacing.js";
import { about, folders, isWanted, pieces, sums } from "../../static/js/upload/plan.js";
import { wish } from "../../static/js/upload/row_keys.js";
import { Total, Weights, work } from "../../static/js/upload/total.js";
import { current, steps } from "../../static/js/upload/track.js";

const MIB = 1024 * 1024;

// --- Before anything is sent

test("a film becomes as many pieces as its bytes need", () => {
  assert.deepEqual([1, 10, 11, 0].map((size) => pieces(size, 10)), [1, 1, 2, 1]);
});

test("what is said of all holds for each that says nothing of its own", () => {
  const shared = { collection: "Alps", tags: ["snow"], visibility: "private" };
  assert.deepEqual(about(shared, { tags: ["ice"], collection: undefined, title: "Peak" }), {
    collection: "Alps",
    tags: ["ice"],
    visibility: "private",
    title: "Peak",
  });
});

test("what is surely here is skipped, what perhaps is here is not, and a person decides", () => {
  const same = (sure) => ({ problem: "", same: { sure } });
  assert.equal(isWanted({ check: same(true) }), false);
  assert.equal(isWanted({ check: same(false) }), true);
  assert.equal(isWanted({ check: same(true), choice: "store" }), true);
  assert.equal(isWanted({ check: same(false), choice: "skip" }), false);
  assert.equal(isWanted({ check: { problem: "No room." }, choice: "store" }), false);
  assert.equal(isWanted({}), true);
});

test("sums count what is sent, and say what is not", () => {
  const item = (size, check, choice) => ({ file: { size }, check, choice });
  const items = [item(10), item(5, { same: { sure: true } }), item(7, { problem: "No." }), item(1)];
  assert.deepEqual(sums(items), { count: 2, bytes: 11, skipped: 1, refused: 1 });
});

test("folders are named once each", () => {
  assert.deepEqual(folders([{ folder: "A" }, { folder: "" }, { folder: "B" }, { folder: "A" }]), ["A", "B"]);
});

// --- Order

const film = (name, place, more = {}) => ({ name, upload: { place, length: 10, created_at: name, state: "receiving", ...more } });
const names = (films) => films.map(({ name }) => name).join("");

test("the lowest place goes first, what failed comes last, what is not begun in between", () => {
  const failed = { ...film("f", 1), job: { state: "failed" } };
  const refused = film("r", 0, { state: "refused" });
  const fresh = { name: "n", upload: null, job: { state: "beginning" } };
  assert.equal(names(ranked([failed, film("b", 3), fresh, film("a", 2), refused])), "abnfr");
});

test("a film moves by one, or to the top, and not beyond the ends", () => {
  const all = [film("a", 1), film("b", 2), film("c", 3)];
  assert.equal(names(moved(all, all[2], -1)), "acb");
  assert.equal(names(moved(all, all[0], 1)), "bac");
  assert.equal(moved(all, all[0], -1), all);
  assert.equal(moved(all, all[2], 1), all);
  assert.equal(names(toTop(all, all[1])), "bac");
});

test("small ones first, and of equals the one that was chosen first", () => {
  const all = [film("b", 1, { length: 5 }), film("a", 2, { length: 5 }), film("c", 3, { length: 1 })];
  assert.equal(names(all.toSorted(ORDERS.small)), "cab");
  assert.equal(names(all.toSorted(ORDERS.chosen)), "abc");
});

// --- Pace

function clocked(Made, ...rest) {
  const clock = { at: 0 };
  return { clock, made: new Made(...rest, () => clock.at) };
}

test("speed is the mean of the last five seconds", () => {
  const { clock, made } = clocked(Pace);
  for (const [at, bytes] of [[0, 0], [1000, 100], [2000, 200], [6000, 1000], [8000, 1200]]) {
    clock.at = at;
    made.add(bytes);
  }
  // From 2 s to 8 s: the last sample before the span is where it begins.
  assert.equal(Math.round(made.speed), Math.round((1000 * 1000) / 6000));
  assert.equal(Math.round(made.left(2200)), 6);
});

test("a link that stalls slows down on the page, and then says nothing", () => {
  const { clock, made } = clocked(Pace);
  made.add(0);
  clock.at = 1000;
  made.add(1000);
  assert.equal(made.speed, 1000);
  clock.at = 4000;
  assert.equal(made.speed, 250);
  clock.at = 7000;
  assert.equal(made.speed, 0);
  assert.equal(made.left(5000), null);
});

test("going back is a new beginning, not a negative speed", () => {
  const { clock, made } = clocked(Pace);
  made.add(1000);
  clock.at = 1000;
  made.add(10);
  assert.equal(made.speed, 0);
});

// --- Chunks and the limit

test("chunks grow on a fast link and shrink on a slow one, within bounds", () => {
  const pacing = new Pacing(64 * MIB);
  assert.equal(pacing.size, 10 * MIB);
  for (let count = 0; count < 9; count += 1) pacing.after(pacing.size, 200);
  assert.ok(pacing.size > 15.9 * MIB && pacing.size <= 16 * MIB);
  for (let count = 0; count < 20; count += 1) pacing.after(pacing.size, 60_000);
  assert.ok(pacing.size >= 5 * MIB && pacing.size < 5.1 * MIB);
});

test("where the server takes little at once, chunks are that small", () => {
  const pacing = new Pacing(MIB);
  pacing.after(MIB, 1);
  assert.equal(pacing.size, MIB);
});

test("a limit holds for all films together", async () => {
  const clock = { at: 0 };
  const waits = [];
  const pacing = new Pacing(MIB, { now: () => clock.at, wait: async (span) => waits.push(span) });
  await pacing.before(MIB);
  assert.deepEqual(waits, []);
  pacing.limit(500_000);
  assert.equal(pacing.size, 500_000);
  for (let count = 0; count < 3; count += 1) await pacing.before(500_000);
  // The first goes at once, the others a second after each other.
  assert.deepEqual(waits, [1000, 2000]);
});

// --- All together

const stage = (name, state, more = {}) => ({ name, state, done: 0, total: null, attempts: 0, error: "", ...more });
const upload = (offset, length, checked = "waiting") => ({ offset, length, stages: [stage("receive", "running"), stage("check", checked)] });

test("the bar of all films weighs each stage by what it takes", () => {
  const weights = new Weights();
  const { done, total } = work([upload(50, 100), upload(100, 100, "done")], weights);
  assert.equal(total, 200 * 1.05);
  assert.equal(done, 50 + 100 + 5);
  weights.learn("check", 2, 1);
  assert.ok(weights.of("check") > 0.5);
});

test("the bar never goes back, whatever is added, taken away or measured anew", () => {
  const bar = new Total();
  const shown = [
    { done: 0, total: 100 },
    { done: 80, total: 100 },
    { done: 80, total: 1000 },
    { done: 70, total: 1000 },
    { done: 540, total: 1000 },
    { done: 540, total: 600 },
    { done: 600, total: 600 },
  ].map((now) => bar.show(now));
  assert.deepEqual(shown, shown.toSorted((one, other) => one - other));
  assert.equal(shown[1], 0.8);
  assert.equal(shown[2], 0.8);
  assert.ok(Math.abs(shown[4] - 0.9) < 1e-9);
  assert.equal(shown.at(-1), 1);
});

// --- The track

test("five steps lead to the first proof, with the copies counted", () => {
  const stages = ["receive", "check", "store", "commit", "verify", "prove"].map((name, index) => stage(name, index < 3 ? "done" : "waiting"));
  stages[3].state = "running";
  const told = steps({ state: "received", stages, copies: { wanted: 2, stored: 2, committed: 1 } });
  assert.deepEqual(told.map(({ words }) => words), ["Receive", "Check", "Store 2/2", "Commit 1/2", "First proof"]);
  assert.deepEqual(told.map(({ state }) => state), ["done", "done", "done", "running", "waiting"]);
});

test("reading back is a step of its own where nothing is proven", () => {
  const stages = ["receive", "check", "store", "verify"].map((name) => stage(name, "waiting"));
  assert.deepEqual(steps({ state: "receiving", stages, copies: null }).map(({ words }) => words), ["Receive", "Check", "Store", "Read back"]);
});

test("what was refused failed its check, and what is skipped is over", () => {
  const stages = [stage("receive", "done"), stage("check", "waiting"), stage("store", "skipped")];
  assert.deepEqual(steps({ state: "refused", stages, copies: null }).map(({ state }) => state), ["done", "failed", "done"]);
});

test("the stage in trouble is told before one that only waits", () => {
  const stages = [stage("receive", "done"), stage("commit", "waiting"), stage("verify", "waiting", { error: "Away." })];
  assert.equal(current({ stages }).name, "verify");
  assert.equal(current({ stages: [stage("receive", "done")] }), null);
});

// --- Keys

test("keys of a focused row", () => {
  assert.deepEqual(wish({ key: "ArrowUp", altKey: true }), { move: -1 });
  assert.deepEqual(wish({ key: "ArrowDown" }), { focus: 1 });
  assert.ok(wish({ key: " " }).press.includes("pause"));
  assert.ok(wish({ key: "Delete" }).press.includes("cancel"));
  assert.ok(wish({ key: "Enter" }).press.includes("watch"));
  assert.equal(wish({ key: " ", ctrlKey: true }), null);
  assert.equal(wish({ key: "p" }), null);
});
