import assert from "node:assert/strict";
import test from "node:test";

import { Sequence } from "../../static/js/sequence.js";

const choices = new Map([["g l", "library"], ["g p", "playlists"], ["u", "upload"], ["/", "search"]]);

test("two keys in a row lead where they say", () => {
  const sequence = new Sequence(() => 5_000);
  assert.equal(sequence.after("g", choices), null);
  assert.equal(sequence.after("l", choices), "library");
});

test("a single key leads at once, also after one that led nowhere", () => {
  const sequence = new Sequence(() => 5_000);
  assert.equal(sequence.after("u", choices), "upload");
  sequence.after("g", choices);
  assert.equal(sequence.after("u", choices), "upload");
  assert.equal(sequence.after("l", choices), null);
});

test("keys that are far apart are no sequence", () => {
  let now = 5_000;
  const sequence = new Sequence(() => now);
  sequence.after("g", choices);
  now += 1_300;
  assert.equal(sequence.after("l", choices), null);
});
