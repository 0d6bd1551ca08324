/**
 * What happens in the library, as it happens: over a websocket, and by asking every few
 * seconds while there is none.
 *
 * The socket begins with a snapshot. After it, events carry a sequence number; on a new
 * connection we say the last one we know and hear what we missed.
 */

import { delay } from "./backoff.js";
import { getJson } from "./http.js";

const POLL_EVERY = 5_000;
// The server says something at least every 25 s; much longer silence is a dead connection.
const SILENCE = 60_000;

/**
 * `watch` is what else one wants to be told of, where one may; without `seq` nothing is missed
 * before the snapshot. `onMessage(message)` hears snapshots, events, progress and resets, in order.
 * `onPoll()` is called with each round of asking; it fetches what events do not tell.
 * `onLive(isLive)` says whether the socket is up. Returns a function that ends it all.
 */
export function follow({ socket, events, seq, watch, onMessage, onPoll, onLive }, seams = {}) {
  return new Follower({ socket, events, seq, watch, onMessage, onPoll, onLive }, seams).end;
}

class Follower {
  constructor(wish, { WebSocket = globalThis.WebSocket, get = getJson, timers = globalThis } = {}) {
    Object.assign(this, wish, { WebSocket, get, timers, failures: 0 });
    this.end = this.end.bind(this);
    this.#connect();
  }

  end() {
    this.ended = true;
    this.#stopPolling();
    this.timers.clearTimeout(this.silence);
    this.timers.clearTimeout(this.again);
    this.connection?.close();
  }

  #connect() {
    if (this.ended) return;
    const connection = new this.WebSocket(this.socket);
    this.connection = connection;
    connection.onopen = () => {
      if (this.seq != null) connection.send(JSON.stringify({ resume: this.seq }));
      if (this.watch) connection.send(JSON.stringify({ watch: this.watch }));
      this.#hear();
    };
    connection.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    connection.onclose = () => this.#lost();
  }

  #receive(message) {
    this.#hear();
    if (message.type === "snapshot") {
      this.failures = 0;
      this.newest = message.seq;
      this.#stopPolling();
      this.onLive?.(true);
    }
    this.#tell(message);
  }

  #tell(message) {
    if (message.type === "ping") return;
    // A snapshot's number says nothing of the events before it that we still ask for.
    // Hearing of one twice does no harm, and hearing of none does.
    if (message.type !== "snapshot") this.seq = Math.max(this.seq ?? 0, message.seq ?? 0);
    // What we asked for is gone: go on from what the snapshot told.
    if (message.type === "reset") this.seq = this.newest;
    this.onMessage(message);
  }

  #hear() {
    this.timers.clearTimeout(this.silence);
    this.silence = this.timers.setTimeout(() => this.connection.close(), SILENCE);
  }

  #lost() {
    this.timers.clearTimeout(this.silence);
    if (this.ended) return;
    this.onLive?.(false);
    this.#startPolling();
    this.failures += 1;
    this.again = this.timers.setTimeout(() => this.#connect(), delay(this.failures));
  }

  #startPolling() {
    if (this.polling || !this.events) return;
    this.polling = this.timers.setInterval(() => this.#poll(), POLL_EVERY);
    this.#poll();
  }

  #stopPolling() {
    this.timers.clearInterval(this.polling);
    this.polling = null;
  }

  async #poll() {
    try {
      const { items } = await this.get(`${this.events}?after=${this.seq}`);
      for (const event of items) this.#tell(event);
      await this.onPoll?.();
    } catch {
      // The next round asks again.
    }
  }
}
