import assert from "node:assert/strict";
import test from "node:test";
import { Preferences } from "../../static/js/player/preferences.js";
import { Progress, sendKept } from "../../static/js/player/progress.js";

/** A browser's storage, empty for each test. */
function storage() {
  const kept = new Map();
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) },
  });
  return kept;
}

const now = () => new Date("2026-11-28T10:00:00Z");
const film = { video: "vid_1", url: "/progress/", device: "Firefox on Linux", viewer: "7" };

test("a position goes to the server, once for each place", async () => {
  storage();
  const sent = [];
  const progress = new Progress(film, { send: async (...request) => sent.push(request), now });
  await progress.keep(12.34);
  await progress.keep(12.31);
  await progress.keep(50, { leaving: true });
  assert.deepEqual(sent.map(([method, url, { json }]) => [method, url, json.position]), [["POST", "/progress/", 12.3], ["POST", "/progress/", 50]]);
  assert.equal(sent[1][2].keepalive, true);
  assert.equal(progress.here, null);
});

test("without an account this device keeps it", async () => {
  storage();
  const send = () => assert.fail("nothing is sent");
  await new Progress({ ...film, url: null }, { send, now }).keep(50);
  assert.equal(new Progress({ ...film, url: null }, { send, now }).here.position, 50);
});

test("while the server is away this device keeps it, and tells it later", async () => {
  storage();
  const away = async () => {
    throw new Error("away");
  };
  await new Progress(film, { send: away, now }).keep(50);
  await assert.rejects(sendKept("/all/", "7", { send: away }));
  await sendKept("/all/", "8", { send: () => assert.fail("told of somebody else") });
  assert.equal(new Progress({ ...film, viewer: "8" }, { now }).here, null);
  const sent = [];
  await sendKept("/all/", "7", { send: async (...request) => sent.push(request) });
  assert.deepEqual(sent[0][2].json, [{ video: "vid_1", position: 50, finished: false, at: "2026-11-28T10:00:00.000Z", device: "Firefox on Linux" }]);
  assert.equal(new Progress(film, { now }).here, null);
  await sendKept("/all/", "7", { send: () => assert.fail("told twice") });
});

/** A page in which the server says what a member prefers; without it, nobody is signed in. */
function page(preferences) {
  globalThis.document = { cookie: "", getElementById: () => preferences && { textContent: JSON.stringify(preferences) } };
}

test("what a member prefers is kept one after the other, and holds at once", async () => {
  storage();
  page({ keys: false });
  const [kept, waiting] = [[], []];
  const keep = (change, url) => (kept.push([change, url]), new Promise((resolve) => waiting.push(resolve)));
  const preferences = new Preferences("/me/", { keep });
  assert.equal(preferences.get("keys"), false);
  assert.equal(preferences.get("autoplay"), true);
  preferences.set("captions", { ...preferences.get("captions"), size: "huge" });
  const last = preferences.set("captions", { ...preferences.get("captions"), colour: "cyan" });
  assert.deepEqual([preferences.get("captions").size, preferences.get("captions").colour], ["huge", "cyan"]);
  await new Promise(setImmediate);
  assert.equal(kept.length, 1);
  waiting[0]();
  await new Promise(setImmediate);
  waiting[1]();
  await last;
  assert.deepEqual(kept.map(([{ captions }, url]) => [captions.size, captions.colour, url]), [["huge", "white", "/me/"], ["huge", "cyan", "/me/"]]);
});

test("without an account this browser keeps them", async () => {
  storage();
  page(null);
  await new Preferences().set("mini_player", false);
  assert.equal(new Preferences().get("mini_player"), false);
});
