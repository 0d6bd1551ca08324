/** What a player is doing, why a film does not play, and when to try again. Pure. */

const LOADING = 2;

/** What the browser's player does, in one word. */
export function mood({ readyState, networkState, paused, ended, seeking, currentTime }) {
  if (ended) return "ended";
  if (readyState < 1) return networkState === LOADING || !paused ? "loading" : "idle";
  if (readyState < (paused ? 2 : 3) && (seeking || !paused)) return "buffering";
  if (!paused) return "playing";
  return currentTime > 0 ? "paused" : "idle";
}

const BY_STATUS = {
  401: "signed-out",
  403: "forbidden",
  404: "gone",
  410: "gone",
  429: "busy",
  502: "unreachable",
  503: "unreachable",
  504: "unreachable",
};

/**
 * The name of a state. `status` is what the source answers when it is asked for one byte: 0 for
 * no answer at all. A source that answers well and cannot be played is not decodable here.
 */
export function cause({ status, online = true }) {
  if (!status) return online ? "no-server" : "offline";
  if (status < 400 || status === 416) return "undecodable";
  return BY_STATUS[status] ?? (status >= 500 ? "unreachable" : "forbidden");
}

const AGAIN = new Set(["unreachable", "busy", "no-server"]);

/** Whether waiting may help, so that it is tried again by itself. */
export function passes(state) {
  return AGAIN.has(state);
}

/** Seconds until the next try: 5, 10, 20, 40, then each minute; never before the server says. */
export function wait(attempt, retryAfter = 0) {
  return Math.max(retryAfter || 0, Math.min(60, 5 * 2 ** Math.min(attempt, 5)));
}
