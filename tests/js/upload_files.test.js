import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { chosenOf, filesOf, objection } from "../../static/js/files.js";
import { Sha256 } from "../../static/js/sha256.js";
import { sampled, SMALL, whole } from "../../static/js/upload/digest.js";

const limits = { maxSize: 100, acceptAny: false };

test("what is surely no film is not sent, and the reason is said", () => {
  const file = (more) => ({ size: 1, type: "", name: "a.mp4", ...more });
  assert.match(objection(file({ size: 0 }), limits), /empty/);
  assert.match(objection(file({ size: 101 }), limits), /larger than 100 bytes/);
  assert.match(objection(file({ type: "text/plain" }), limits), /no film/);
  assert.match(objection(file({ name: "alps.srt", type: "application/x-subrip" }), limits), /captions.*own page/);
  for (const name of [".DS_Store", "Thumbs.db", "cover.JPG", "alps.nfo"]) assert.match(objection(file({ name }), limits), /no film/);
  assert.equal(objection(file({ type: "text/plain" }), { ...limits, acceptAny: true }), "");
  for (const name of ["a.mp4", "a.mkv", "A film about .nfo files.mov", "no ending"]) assert.equal(objection(file({ name }), limits), "");
});

test("a folder gives the files inside it, however many, with its name", async () => {
  const fileEntry = (name) => ({ isFile: true, file: (resolve) => resolve({ name }) });
  const folderEntry = (name, parts) => ({
    name,
    isDirectory: true,
    createReader: () => ({ readEntries: (resolve) => resolve(parts.shift()) }),
  });
  const inner = folderEntry("Day 2", [[fileEntry("d")], []]);
  const folder = folderEntry("Alps", [[fileEntry("a"), fileEntry("b")], [fileEntry("c"), inner], []]);
  const transfer = { files: [], items: [{ kind: "file", webkitGetAsEntry: () => folder }] };
  const found = await filesOf(transfer);
  assert.deepEqual(found.map(({ file, folder: name }) => `${name}/${file.name}`), ["Alps/a", "Alps/b", "Alps/c", "Alps/d"]);
});

test("a dropped file comes with its handle where the browser has one", async () => {
  const handle = { kind: "file" };
  const items = [{ kind: "string" }, { kind: "file", getAsFileSystemHandle: async () => handle }];
  assert.deepEqual(await filesOf({ files: [{ name: "a" }], items }), [{ file: { name: "a" }, folder: "", handle }]);
});

test("a folder that was chosen names the collection, a file alone does not", () => {
  const files = [{ name: "a", webkitRelativePath: "Alps/Day 2/a" }, { name: "b", webkitRelativePath: "" }];
  assert.deepEqual(chosenOf(files).map(({ folder }) => folder), ["Alps", ""]);
});

test("SHA-256 in parts is what everybody else's is", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
    for (const cut of [1, 7, 64, 500]) {
      const hash = new Sha256();
      for (let at = 0; at < length; at += cut) hash.update(bytes.subarray(at, at + cut));
      assert.equal(hash.hex(), createHash("sha256").update(bytes).digest("hex"), `${length} by ${cut}`);
    }
  }
});

test("samples tell files apart that differ at the beginning, in the middle or at the end", async () => {
  const bytes = (at) => {
    const made = new Uint8Array(1_000_000);
    if (at !== undefined) made[at] = 1;
    return new File([made], "a.mp4");
  };
  const found = await Promise.all([undefined, 0, 500_000, 999_999].map((at) => sampled(bytes(at))));
  assert.equal(new Set(found).size, 4);
  for (const one of found) assert.match(one, /^[0-9a-f]{16}$/);
  assert.equal(await sampled(bytes()), found[0]);
});

test("a small file has its whole SHA-256, with the browser's help or without", async () => {
  const file = new File(["a film"], "a.mp4");
  const right = createHash("sha256").update("a film").digest("hex");
  assert.equal(await whole(file), right);
  assert.equal(await whole(file, { subtle: null }), right);
  assert.equal(await whole({ size: SMALL + 1 }), "");
});
