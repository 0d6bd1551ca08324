import assert from "node:assert/strict";
import test from "node:test";
import { command, Leader } from "../../static/js/keys.js";
import { chapterAt, chapterStart, inside, painted, shareAt, slits } from "../../static/js/player/bar.js";
import { best, first, following, look, preferred } from "../../static/js/player/captions.js";
import { device } from "../../static/js/player/device.js";
import { marking } from "../../static/js/player/mark.js";
import { asked, partLink, seconds, spoken } from "../../static/js/player/moments.js";
import { beginning, latest, tooEarly, watched } from "../../static/js/player/resume.js";
import { cause, mood, passes, wait } from "../../static/js/player/states.js";
import { speed, stepped } from "../../static/js/player/speeds.js";
import { Smoothness } from "../../static/js/player/smoothness.js";
import { byteAt } from "../../static/js/player/statistics.js";
import { tileAt, tiles } from "../../static/js/player/storyboard.js";
import { begun, cues, words } from "../../static/js/player/webvtt.js";

test("each key of the sheet does what the sheet says", () => {
  for (const [pressed, wish] of [
    [{ key: "j" }, { seek: -10 }],
    [{ key: "L" }, { seek: 10 }],
    [{ key: "ArrowLeft", shiftKey: true }, { seek: -1 }],
    [{ key: "c" }, { captions: "toggle" }],
    [{ key: "C", shiftKey: true }, { captions: "next" }],
    [{ key: "i" }, { pip: true }],
    [{ key: "p" }, { pip: true }],
    [{ key: "P", shiftKey: true }, { list: -1 }],
    [{ key: "N", shiftKey: true }, { list: 1 }],
    [{ key: "n" }, null],
    [{ key: "t" }, { theatre: true }],
    [{ key: "<", shiftKey: true }, { speed: -1 }],
    [{ key: ">", shiftKey: true }, { speed: 1 }],
    [{ key: "," }, { frame: -1 }],
    [{ key: "." }, { frame: 1 }],
    [{ key: "0" }, { jump: 0 }],
    [{ key: "PageDown" }, { chapter: 1 }],
    [{ key: "v" }, { proof: true }],
    [{ key: "?", shiftKey: true }, { sheet: true }],
    [{ key: "D", ctrlKey: true, shiftKey: true }, { stats: true }],
    [{ key: "d", ctrlKey: true }, null],
    [{ key: "k", metaKey: true }, null],
    [{ key: "Home" }, null],
  ]) {
    assert.deepEqual(command(pressed), wish, JSON.stringify(pressed));
  }
});

test("the second key of g l is not a jump in the film", () => {
  const leader = new Leader();
  assert.equal(leader.claims("g", 0), false);
  assert.equal(leader.claims("l", 300), true);
  assert.equal(leader.claims("l", 400), false);
  leader.claims("g", 1000);
  assert.equal(leader.claims("l", 2500), false);
});

test("moments are read as people write them", () => {
  for (const [text, at] of [
    ["754", 754],
    ["754s", 754],
    ["12m34s", 754],
    ["1h", 3600],
    ["00:12:34", 754],
    ["12:34", 754],
    ["12.5", 12.5],
    ["", null],
    ["-1", null],
    ["soon", null],
    [null, null],
  ]) {
    assert.equal(seconds(text), at, text);
  }
});

test("a link says where it begins and ends, and which captions", () => {
  assert.deepEqual(asked({ search: "?t=12m34s&cc=fr" }), { start: 754, end: null, cc: "fr" });
  assert.deepEqual(asked({ hash: "#t=754,790" }), { start: 754, end: 790, cc: null });
  assert.deepEqual(asked({ hash: "#t=,790" }), { start: 0, end: 790, cc: null });
  assert.deepEqual(asked({ search: "?t=1", hash: "#t=00:00:05,0:09" }), { start: 5, end: 9, cc: null });
  assert.deepEqual(asked({ hash: "#t=790,754" }), { start: 790, end: null, cc: null });
  assert.deepEqual(asked({ hash: "#proof" }), { start: null, end: null, cc: null });
});

test("a link to a part says no more than it has to, and is read again as it was meant", () => {
  const page = "https://films.example/watch/vid_1/";
  assert.equal(partLink(page, null, null), page);
  assert.equal(partLink(page, 0.4, null), page);
  assert.equal(partLink(page, 754.9, null), `${page}?t=754`);
  assert.equal(partLink(page, 754, 789.2), `${page}#t=754,790`);
  assert.deepEqual(asked(new URL(partLink(page, null, 9))), { start: 0, end: 9, cc: null });
});

test("a position is said as somebody would say it", () => {
  assert.equal(spoken(200), "3 minutes 20");
  assert.equal(spoken(2460), "41 minutes");
  assert.equal(spoken(20), "20 seconds");
  assert.equal(spoken(0), "0 seconds");
  assert.equal(spoken(3723.9), "1 hour 2 minutes 3");
  assert.equal(spoken(200, "fr"), "3 minutes 20");
});

test("places on the bar stay on the bar", () => {
  const bar = { left: 100, width: 200 };
  assert.deepEqual([50, 100, 200, 400].map((x) => shareAt(x, bar)), [0, 0, 0.5, 1]);
  assert.equal(shareAt(10, { left: 0, width: 0 }), 0);
  assert.deepEqual([0, 100, 200].map((at) => inside(at, 60, 200)), [0, 70, 140]);
});

test("what is here is painted, and chapters leave slits", () => {
  assert.equal(painted([], 10), "none");
  assert.equal(painted([[0, 1]], NaN), "none");
  assert.match(painted([[2, 5]], 10), /transparent 20\.000%, currentColor 20\.000% 50\.000%, transparent 50/);
  assert.equal(slits([{ start: 0 }], 10), "none");
  assert.match(slits([{ start: 0 }, { start: 5 }], 10), /transparent calc\(50\.000% - 1\.5px\)/);
});

test("chapters are gone through one by one", () => {
  const chapters = [{ start: 0, title: "Pier" }, { start: 30, title: "Harbour" }, { start: 60, title: "Sea" }];
  assert.equal(chapterAt(chapters, 30).title, "Harbour");
  assert.equal(chapterAt([{ start: 5 }], 1), null);
  assert.equal(chapterStart(chapters, 10, 1), 30);
  assert.equal(chapterStart(chapters, 70, 1), null);
  assert.equal(chapterStart(chapters, 50, -1), 30);
  assert.equal(chapterStart(chapters, 31, -1), 0);
  assert.equal(chapterStart([], 31, -1), null);
});

test("a storyboard is read, and gives the tile of a moment", () => {
  const text = "WEBVTT\r\n\r\n00:00.000 --> 00:05.000\r\na.jpg#xywh=0,0,160,90\r\n\r\nNOTE no\n\n" +
    "7\n00:00:05.000 --> 00:00:10.000\na.jpg#xywh=160,0,160,90\n\n00:10.000 --> 00:15.000\nno picture\n";
  const board = tiles(text, "https://films.example/storyboard/1.vtt");
  assert.equal(board.length, 2);
  assert.deepEqual(board[1], { start: 5, end: 10, url: "https://films.example/storyboard/a.jpg", x: 160, y: 0, w: 160, h: 90 });
  assert.deepEqual([0, 4.9, 5, 99].map((at) => tileAt(board, at).x), [0, 0, 160, 160]);
  assert.equal(tileAt([], 3), null);
});

const CAPTIONS = [
  { id: "a", language: "en", kind: "descriptions", automatic: false },
  { id: "b", language: "fr", kind: "subtitles", automatic: true },
  { id: "c", language: "fr-CA", kind: "subtitles", automatic: false },
  { id: "d", language: "de", kind: "captions", automatic: false },
];

test("captions are found by language, and what people wrote comes first", () => {
  assert.equal(best(CAPTIONS, "FR").id, "b");
  assert.equal(best(CAPTIONS.toReversed(), "fr-BE").id, "c");
  assert.equal(best(CAPTIONS, "en"), null);
  assert.equal(preferred(CAPTIONS, "", "de-AT").id, "d");
  assert.equal(preferred(CAPTIONS, "", "ja").id, "b");
  assert.equal(preferred([], "fr", "fr"), null);
});

test("a link chooses captions before habit does", () => {
  assert.equal(first(CAPTIONS, { on: false, language: "" }, "de", "fr").id, "d");
  assert.equal(first(CAPTIONS, { on: true, language: "de" }, null, "fr").id, "d");
  assert.equal(first(CAPTIONS, { on: false, language: "de" }, null, "fr"), null);
});

test("the next language comes round again, without descriptions", () => {
  assert.deepEqual([null, "b", "c", "d"].map((id) => following(CAPTIONS, id).id), ["b", "c", "d", "b"]);
  assert.equal(following([], null), null);
});

test("of a look only what we know is taken", () => {
  assert.deepEqual(look({ size: "huge", colour: "red; x", place: "top" }), {
    size: "huge", colour: "white", background: "shade", place: "top",
  });
});

test("a film goes on a little before where it was left", () => {
  const kept = { position: 761, finished: false };
  assert.deepEqual(beginning({ kept, duration: 2460 }), { start: 758, offer: 761, linked: false });
  assert.deepEqual(beginning({ kept: null, duration: 2460 }), { start: null, offer: null, linked: false });
  for (const none of [{ position: 12, finished: false }, { position: 2400, finished: false }, { position: 761, finished: true }]) {
    assert.equal(beginning({ kept: none, duration: 2460 }).offer, null);
  }
});

test("a link with a moment wins, and the old place is offered", () => {
  const kept = { position: 761, finished: false };
  assert.deepEqual(beginning({ link: 20, kept, duration: 2460 }), { start: 20, offer: 761, linked: true });
  assert.equal(beginning({ link: 760, kept, duration: 2460 }).offer, null);
  assert.equal(beginning({ link: 0, kept: null, duration: 2460 }).start, 0);
});

test("what was watched last is where it goes on", () => {
  const [server, local] = [{ position: 1, at: "2026-11-28T10:00:00Z" }, { position: 2, at: "2026-11-28T11:00:00Z" }];
  assert.equal(latest(server, local), local);
  assert.equal(latest(local, server), local);
  assert.equal(latest(null, local), local);
  assert.equal(latest(null, null), null);
});

test("the first moments are not kept, and the last are the end", () => {
  assert.deepEqual([[29, 7200], [30, 7200], [0.7, 40], [0.9, 40]].map((pair) => tooEarly(...pair)), [true, false, true, false]);
  assert.equal(watched(95, 100), true);
  assert.equal(watched(94, 100), false);
  assert.equal(watched(80, 100, [{ start: 78, title: "End credits" }]), true);
  assert.equal(watched(5, 100, [{ start: 1, title: "Opening credits" }]), false);
  assert.equal(watched(5, NaN), false);
});

test("what the player does is one word", () => {
  const still = { readyState: 4, networkState: 1, paused: true, ended: false, seeking: false, currentTime: 0 };
  for (const [facts, word] of [
    [{ readyState: 0, networkState: 2 }, "loading"],
    [{ readyState: 0, networkState: 1 }, "idle"],
    [{}, "idle"],
    [{ currentTime: 9 }, "paused"],
    [{ paused: false }, "playing"],
    [{ paused: false, readyState: 2 }, "buffering"],
    [{ seeking: true, readyState: 1, currentTime: 9 }, "buffering"],
    [{ ended: true }, "ended"],
  ]) {
    assert.equal(mood({ ...still, ...facts }), word, JSON.stringify(facts));
  }
});

test("a transcript is read from captions, with who speaks and without tags", () => {
  const file = "WEBVTT - kept\n\nSTYLE\n::cue { color: red }\n\n2\n00:04.000 --> 00:06.500 line:10%\n<v Ada>Fish &amp; <i>chips</i>\nagain\n\n00:01.000 --> 00:02.000\nFirst\n\nbroken --> 00:03.000\nLost\n";
  const found = cues(file);
  assert.deepEqual(found.map(({ start, end }) => [start, end]), [[1, 2], [4, 6.5]]);
  assert.equal(words(found[1].text), "Ada: Fish & chips again");
  assert.deepEqual([0, 1, 3, 5].map((time) => begun(found, time)), [-1, 0, 0, 1]);
});

test("what the source answers names the cause", () => {
  for (const [status, state] of [[206, "undecodable"], [401, "signed-out"], [403, "forbidden"], [404, "gone"], [410, "gone"], [429, "busy"], [500, "unreachable"], [503, "unreachable"], [0, "no-server"]]) {
    assert.equal(cause({ status }), state);
  }
  assert.equal(cause({ status: 0, online: false }), "offline");
  assert.deepEqual(["unreachable", "busy", "gone"].map(passes), [true, true, false]);
});

test("it is tried again later and later, and when the server says", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((attempt) => wait(attempt)), [5, 10, 20, 40, 60, 60]);
  assert.equal(wait(0, 90), 90);
});

test("speeds go by quarters and stay within bounds", () => {
  assert.deepEqual([stepped(1, 1), stepped(1, -1), stepped(1.1, 1), stepped(1.1, -1), stepped(2, 1), stepped(0.25, -1)], [1.25, 0.75, 1.25, 1, 2, 0.25]);
  assert.deepEqual(["1,5", "9", "0.1", "fast", "0"].map(speed), [1.5, 2, 0.25, null, null]);
});

test("a device is called what its owner calls it", () => {
  assert.equal(device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox on Linux");
  assert.equal(device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"), "Safari on iPhone");
  assert.equal(device("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0"), "Edge on Windows");
  assert.equal(device(""), "Browser");
});

test("the mark says verified only of what was, and red comes first", () => {
  const film = { wrong: false, own: null, verification: "blocks", has: true };
  assert.equal(marking({ ...film, has: false }), "collecting");
  assert.equal(marking(film), "checked");
  assert.equal(marking({ ...film, verification: "none" }), "stored");
  assert.equal(marking({ ...film, verification: "none", own: true }), "checked");
  assert.equal(marking({ ...film, own: false }), "wrong");
  assert.equal(marking({ ...film, own: true, wrong: true }), "wrong");
});

test("a byte is asked for where the film is, and never after its last", () => {
  assert.equal(byteAt({ size: 1000, currentTime: 5, duration: 10 }), 500);
  assert.equal(byteAt({ size: 1000, currentTime: 10, duration: 10 }), 999);
  assert.equal(byteAt({ size: 1000, currentTime: 5, duration: 0 }), 0);
});

test("a stall is a wait in the middle, and neither the beginning, nor a jump, nor the end", () => {
  const smooth = new Smoothness();
  const heard = (...events) => events.forEach(([event, now]) => smooth.heard(event, now));
  heard(["waiting", 5], ["play", 10], ["waiting", 20], ["playing", 250]);
  assert.deepEqual([smooth.start, smooth.stalls], [240, 0]);
  heard(["waiting", 1000], ["waiting", 1100], ["playing", 1500]);
  assert.deepEqual([smooth.stalls, smooth.stood], [1, 500]);
  heard(["seeking", 2000], ["waiting", 2001], ["playing", 3000]);
  heard(["emptied", 4000], ["waiting", 4001], ["playing", 5000]);
  heard(["ended", 6000], ["waiting", 6001], ["play", 7000]);
  assert.deepEqual([smooth.start, smooth.stalls, smooth.stood], [240, 1, 500]);
  const late = new Smoothness();
  for (const [event, now] of [["play", 0], ["pause", 100], ["play", 5000], ["playing", 5200]]) late.heard(event, now);
  assert.equal(late.start, 200);
});
