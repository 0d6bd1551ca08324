import assert from "node:assert/strict";
import test from "node:test";
import { delay, pause } from "../../static/js/backoff.js";

test("waits grow, stay under half a minute, and differ between clients", () => {
  assert.equal(delay(1, { random: () => 1 }), 500);
  assert.equal(delay(3, { random: () => 1 }), 2000);
  assert.equal(delay(40, { random: () => 1 }), 30_000);
  assert.equal(delay(3, { random: () => 0 }), 1000);
});

test("what the server asks for is the least", () => {
  assert.equal(delay(1, { retryAfter: 7, random: () => 1 }), 7000);
});

test("a pause ends when the network is back", async () => {
  const network = new EventTarget();
  const paused = pause(1e6, undefined, network);
  network.dispatchEvent(new Event("online"));
  await paused;
});

test("a pause ends when it is no longer wanted", async () => {
  const controller = new AbortController();
  const paused = pause(1e6, controller.signal);
  controller.abort();
  await assert.rejects(paused, { name: "AbortError" });
  await assert.rejects(pause(1e6, controller.signal), { name: "AbortError" });
});
