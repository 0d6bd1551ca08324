import assert from "node:assert/strict";
import test from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { follow } from "../../static/js/live.js";

/** Timers that run when the test says so. */
function handTimers() {
  const due = new Map();
  let last = 0;
  const set = (work) => (due.set(++last, work), last);
  return {
    setTimeout: set,
    setInterval: set,
    clearTimeout: (id) => due.delete(id),
    clearInterval: (id) => due.delete(id),
    run: (id) => due.get(id)(),
    due,
  };
}

function scene({ items = [] } = {}) {
  const sockets = [];
  class Socket {
    constructor(url) {
      Object.assign(this, { url, sent: [] });
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    say(message) {
      this.onmessage({ data: JSON.stringify(message) });
    }
    close() {
      this.onclose();
    }
  }
  const heard = [];
  const asked = [];
  const live = [];
  const timers = handTimers();
  const get = async (url) => (asked.push(url), { items });
  const end = follow(
    {
      socket: "/ws/events/",
      events: "/api/v1/events/",
      seq: 7,
      onMessage: ({ type, seq }) => heard.push(seq ? `${type} ${seq}` : type),
      onLive: (isLive) => live.push(isLive),
    },
    { WebSocket: Socket, get, timers },
  );
  return { sockets, heard, asked, live, timers, end };
}

test("after the snapshot come the events, also those since the page was made", () => {
  const { sockets, heard } = scene();
  sockets[0].onopen();
  sockets[0].say({ type: "snapshot", seq: 9 });
  assert.deepEqual(sockets[0].sent, [{ resume: 7 }]);
  sockets[0].say({ type: "video.stored", seq: 8 });
  sockets[0].say({ type: "ping" });
  assert.deepEqual(heard, ["snapshot 9", "video.stored 8"]);
});

test("a new connection asks for what was missed", () => {
  const { sockets, timers } = scene();
  sockets[0].onopen();
  sockets[0].say({ type: "video.checked", seq: 12 });
  sockets[0].close();
  for (const id of [...timers.due.keys()]) timers.run(id);
  sockets[1].onopen();
  assert.deepEqual(sockets[1].sent, [{ resume: 12 }]);
});

test("without a socket it asks, and stops asking when the socket is back", async () => {
  const { sockets, heard, asked, live, timers, end } = scene({ items: [{ type: "video.checked", seq: 8 }] });
  sockets[0].close();
  await turn();
  assert.deepEqual(asked, ["/api/v1/events/?after=7"]);
  assert.deepEqual(heard, ["video.checked 8"]);
  for (const id of [...timers.due.keys()]) timers.run(id);
  await turn();
  assert.deepEqual(asked[1], "/api/v1/events/?after=8");
  sockets[1].onopen();
  sockets[1].say({ type: "snapshot", seq: 8 });
  assert.deepEqual(live, [false, true]);
  const silence = timers.due.size;
  assert.ok(silence <= 2);
  end();
});
