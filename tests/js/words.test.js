import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { clock, percent, size, timeLeft } from "../../static/js/words.js";

const table = JSON.parse(readFileSync(new URL("../pages/words.json", import.meta.url)));

test("sizes and lengths read as the server writes them", () => {
  for (const [count, said] of table.size) assert.equal(size(count), said);
  for (const [seconds, said] of table.clock) assert.equal(clock(seconds), said);
});

test("per cent is never a hundred too soon", () => {
  assert.equal(percent(999, 1000), 99);
  assert.equal(percent(1000, 1000), 100);
  assert.equal(percent(0, 0), 0);
});

test("time left is round, and no number under ten seconds", () => {
  for (const [seconds, said] of [
    [null, ""],
    [Infinity, ""],
    [3, "a few seconds left"],
    [12, "about 20 s left"],
    [59, "about 1 min left"],
    [245, "about 4 min left"],
    [7200, "about 2 h left"],
    [7800, "about 2 h 10 min left"],
  ]) {
    assert.equal(timeLeft(seconds), said);
  }
});
