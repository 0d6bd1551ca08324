import assert from "node:assert/strict";
import test from "node:test";
import { fingerprint, match } from "../../static/js/matching.js";

const file = (name, size, lastModified = 1) => ({ name, size, lastModified });
const waiting = (of) => ({ filename: of.name, length: of.size, fingerprint: fingerprint(of) });

test("a file goes on with the upload that has its fingerprint", () => {
  const [a, b] = [file("a.mp4", 10), file("b.mp4", 20)];
  const uploads = [waiting(a), waiting(b)];
  assert.deepEqual(match([b, a], uploads).resumed, [
    { file: b, upload: uploads[1] },
    { file: a, upload: uploads[0] },
  ]);
});

test("a file of the same name that is another one has changed", () => {
  const upload = waiting(file("a.mp4", 10));
  const edited = file("a.mp4", 11, 2);
  assert.deepEqual(match([edited], [upload]), { resumed: [], changed: [{ file: edited, upload }], fresh: [] });
});

test("the right file is found before one that only has its name", () => {
  const upload = waiting(file("a.mp4", 10));
  const [other, right] = [file("a.mp4", 11), file("a.mp4", 10)];
  const { resumed, fresh } = match([other, right], [upload]);
  assert.deepEqual([resumed, fresh], [[{ file: right, upload }], [other]]);
});

test("an upload without a fingerprint of ours is known by name and size", () => {
  const upload = { filename: "a.mp4", length: 10, fingerprint: "" };
  assert.equal(match([file("a.mp4", 10)], [upload]).resumed.length, 1);
  assert.equal(match([file("a.mp4", 11)], [upload]).changed.length, 1);
});

test("anything else is new", () => {
  const fresh = file("c.mp4", 1);
  assert.deepEqual(match([fresh], [waiting(file("a.mp4", 10))]).fresh, [fresh]);
});

test("a fingerprint fits the server whatever the name, and keeps files apart", () => {
  const long = fingerprint(file("🎞".repeat(4000), 2 ** 40, Date.now()));
  assert.ok(long.length <= 200);
  assert.match(long, /^[\x20-\x7e]+$/);
  assert.notEqual(fingerprint(file("a", 1)), fingerprint(file("a", 2)));
  assert.notEqual(fingerprint(file("a", 1, 1)), fingerprint(file("a", 1, 2)));
  assert.doesNotThrow(() => fingerprint(file("\ud800.mp4", 1)));
});
