import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { filled, gettext, ngettext } from "../../static/js/gettext.js";

afterEach(() => delete globalThis.django);

test("without a catalogue the words are as they were written", () => {
  assert.equal(gettext("Go on"), "Go on");
  assert.equal(ngettext("one film", "many films", 1), "one film");
  assert.equal(ngettext("one film", "many films", 0), "many films");
});

test("a catalogue's words are taken, in the form that the count asks for", () => {
  globalThis.django = {
    gettext: (words) => `[${words}]`,
    ngettext: (one, many, count) => (count > 1 ? `[${many}]` : `[${one}]`),
  };
  assert.equal(gettext("Go on"), "[Go on]");
  assert.equal(ngettext("one film", "many films", 0), "[one film]");
});

test("places are filled by their name, in any order, and what is unknown stays", () => {
  const words = filled("%(count)s of %(title)s, %(other)s", { title: "$& %(count)s", count: 2 });
  assert.equal(words, "2 of $& %(count)s, %(other)s");
});
