import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Lanes } from "../../static/js/lanes.js";

function counted(width) {
  const begun = [];
  const ends = new Map();
  const lanes = new Lanes(width, (job) => {
    begun.push(job);
    return new Promise((resolve) => ends.set(job, resolve));
  });
  return { lanes, begun, end: async (job) => (ends.get(job)(), turn()) };
}

test("two at a time, and all of them in the end", async () => {
  const { lanes, begun, end } = counted(2);
  for (const job of ["a", "b", "c", "d", "e"]) lanes.add(job);
  assert.deepEqual(begun, ["a", "b"]);
  for (const job of ["b", "a", "c", "d", "e"]) await end(job);
  assert.deepEqual(begun, ["a", "b", "c", "d", "e"]);
  assert.equal(lanes.busy, false);
});

test("a job that was taken out does not begin", async () => {
  const { lanes, begun, end } = counted(1);
  lanes.add("a");
  lanes.add("b");
  lanes.remove("b");
  await end("a");
  assert.deepEqual(begun, ["a"]);
});

test("a job that is stopped and started again waits for its first try to end", async () => {
  const { lanes, begun, end } = counted(2);
  lanes.add("a");
  lanes.add("a");
  assert.deepEqual(begun, ["a"]);
  await end("a");
  assert.deepEqual(begun, ["a", "a"]);
});
