import assert from "node:assert/strict";
import test from "node:test";
import { fingerprint, match, same, sampledPrint } from "../../static/js/matching.js";

const file = (name, size, lastModified = 1) => ({ name, size, lastModified });
const chosen = (of, sample) => ({ file: of, print: sample ? sampledPrint(of, sample) : fingerprint(of) });
const waiting = ({ file: of, print }) => ({ filename: of.name, length: of.size, fingerprint: print });

test("a file goes on with the upload that has its fingerprint", () => {
  const [a, b] = [chosen(file("a.mp4", 10)), chosen(file("b.mp4", 20))];
  const uploads = [waiting(a), waiting(b)];
  assert.deepEqual(match([b, a], uploads).resumed, [
    { ...b, upload: uploads[1] },
    { ...a, upload: uploads[0] },
  ]);
});

test("a file of the same name that is another one has changed", () => {
  const upload = waiting(chosen(file("a.mp4", 10)));
  const edited = chosen(file("a.mp4", 11, 2));
  assert.deepEqual(match([edited], [upload]), { resumed: [], changed: [{ ...edited, upload }], fresh: [] });
});

test("the right file is found before one that only has its name", () => {
  const upload = waiting(chosen(file("a.mp4", 10)));
  const [other, right] = [chosen(file("a.mp4", 11)), chosen(file("a.mp4", 10))];
  const { resumed, fresh } = match([other, right], [upload]);
  assert.deepEqual([resumed, fresh], [[{ ...right, upload }], [other]]);
});

test("an upload without a fingerprint of ours is known by name and size", () => {
  const upload = { filename: "a.mp4", length: 10, fingerprint: "" };
  assert.equal(match([chosen(file("a.mp4", 10))], [upload]).resumed.length, 1);
  assert.equal(match([chosen(file("a.mp4", 11))], [upload]).changed.length, 1);
});

test("a copy with another name or date is the same file when its bytes are", () => {
  const upload = waiting(chosen(file("a.mp4", 10), "0123456789abcdef"));
  const copy = chosen(file("copy of a.mp4", 10, 99), "0123456789abcdef");
  assert.equal(match([copy], [upload]).resumed.length, 1);
});

test("the same name and date are not the same file when its bytes are others", () => {
  const upload = waiting(chosen(file("a.mp4", 10), "0123456789abcdef"));
  assert.equal(match([chosen(file("a.mp4", 10), "ffffffffffffffff")], [upload]).changed.length, 1);
});

test("an upload begun by the command line goes on in a browser", () => {
  const plain = fingerprint(file("a b.mp4", 7, 1764288000123));
  assert.equal(plain, "7-1764288000123-a%20b.mp4");
  assert.ok(same(plain, sampledPrint(file("a b.mp4", 7, 1764288000123), "0123456789abcdef")));
  assert.ok(!same(plain, ""));
});

test("anything else is new", () => {
  const fresh = chosen(file("c.mp4", 1));
  assert.deepEqual(match([fresh], [waiting(chosen(file("a.mp4", 10)))]).fresh, [fresh]);
});

test("a fingerprint fits the server whatever the name, and keeps files apart", () => {
  const long = sampledPrint(file("🎞".repeat(4000), 2 ** 40, Date.now()), "0123456789abcdef");
  assert.ok(long.length <= 200);
  assert.match(long, /^[\x20-\x7e]+$/);
  assert.notEqual(fingerprint(file("a", 1)), fingerprint(file("a", 2)));
  assert.notEqual(fingerprint(file("a", 1, 1)), fingerprint(file("a", 1, 2)));
  assert.doesNotThrow(() => fingerprint(file("\ud800.mp4", 1)));
});
