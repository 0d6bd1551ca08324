import assert from "node:assert/strict";
import test from "node:test";
import { watchStreams } from "../../static/js/admin/streams.js";

/** A part of a page with places for figures, and a socket that says what the test wants. */
function scene() {
  const place = (figure, stream) => ({ dataset: { figure, stream }, textContent: "" });
  const places = {
    count: place("count"),
    rate: place("rate", "5"),
    sent: place("sent", "5"),
    gone: place("sent", "6"),
  };
  const part = {
    dataset: { socket: "/ws/events/", watch: "streams" },
    querySelectorAll: () => Object.values(places),
  };
  let socket;
  class Socket {
    sent = [];
    constructor() {
      socket = this;
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {}
  }
  const timers = { setTimeout() {}, clearTimeout() {}, setInterval() {}, clearInterval() {} };
  const refreshed = [];
  watchStreams(part, () => refreshed.push(1), { WebSocket: Socket, timers });
  socket.onopen();
  const say = (message) => socket.onmessage({ data: JSON.stringify(message) });
  const tell = (...streams) =>
    say({ type: "streams", data: { count: streams.length, rate: 1, streams } });
  return { socket, places, refreshed, say, tell };
}

const five = { id: 5, rate: 2_000_000, sent: 5_000_000, source: "shelf" };

test("it asks for streams and for nothing that it missed", () => {
  assert.deepEqual(scene().socket.sent, [{ watch: "streams" }]);
});

test("figures are put where they stand", () => {
  const { places, refreshed, say, tell } = scene();
  say({ type: "snapshot", seq: 3, data: {} });
  tell(five);
  assert.equal(places.rate.textContent, "2 MB");
  assert.equal(places.sent.textContent, "5 MB");
  assert.equal(places.count.textContent, "1");
  assert.equal(places.gone.textContent, "");
  tell({ ...five, sent: 6_000_000 });
  assert.equal(places.sent.textContent, "6 MB");
  assert.equal(refreshed.length, 0);
});

test("a stream that came or went has the part looked at anew", () => {
  const { refreshed, tell } = scene();
  tell(five);
  tell(five, { ...five, id: 7 });
  assert.equal(refreshed.length, 1);
  tell(five);
  tell(five);
  assert.equal(refreshed.length, 2);
});
