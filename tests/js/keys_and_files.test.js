import assert from "node:assert/strict";
import test from "node:test";
import { filesOf, objection } from "../../static/js/files.js";
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

test("what is surely no film is not sent, and the reason is said", () => {
  const limits = { maxSize: 100, acceptAny: false };
  assert.match(objection({ size: 0, type: "" }, limits), /empty/);
  assert.match(objection({ size: 101, type: "" }, limits), /larger than 100 bytes/);
  assert.match(objection({ size: 1, type: "text/plain" }, limits), /no film/);
  assert.equal(objection({ size: 1, type: "text/plain" }, { ...limits, acceptAny: true }), "");
  assert.equal(objection({ size: 1, type: "" }, limits), "");
  assert.equal(objection({ size: 1, type: "video/mp4" }, limits), "");
});

test("a folder gives the files inside it, however many", async () => {
  const fileEntry = (name) => ({ isFile: true, file: (resolve) => resolve({ name }) });
  const parts = [[fileEntry("a"), fileEntry("b")], [fileEntry("c")], []];
  const folder = {
    isDirectory: true,
    createReader: () => ({ readEntries: (resolve) => resolve(parts.shift()) }),
  };
  const transfer = { files: [], items: [{ webkitGetAsEntry: () => folder }] };
  assert.deepEqual((await filesOf(transfer)).map(({ name }) => name), ["a", "b", "c"]);
});
