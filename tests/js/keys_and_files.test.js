import assert from "node:assert/strict";
import test from "node:test";
import { command } from "../../static/js/keys.js";

test("keys do what common players do", () => {
  for (const [key, wish] of [
    [" ", { play: true }],
    ["k", { play: true }],
    ["j", { seek: -10 }],
    ["l", { seek: 10 }],
    ["ArrowRight", { seek: 5 }],
    ["ArrowUp", { volume: 0.05 }],
    ["m", { mute: true }],
    ["F", { fullscreen: true }],
    ["9", { jump: 0.9 }],
    ["x", null],
  ]) {
    assert.deepEqual(command({ key }), wish);
  }
  assert.deepEqual(command({ key: "ArrowLeft", shiftKey: true }), { seek: -1 });
  assert.equal(command({ key: "l", ctrlKey: true }), null);
});
