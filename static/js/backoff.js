/** How long to wait before another try. */

const FIRST = 500;
const LONGEST = 30_000;

/**
 * Milliseconds before try number `failures + 1`: doubling, up to half a minute, and never
 * the same for two clients, so that they do not all come back at once. What the server
 * asks for (`retryAfter`, in seconds) is the least.
 */
export function delay(failures, { retryAfter = null, random = Math.random } = {}) {
  const most = Math.min(FIRST * 2 ** (failures - 1), LONGEST);
  const ours = most / 2 + (random() * most) / 2;
  return retryAfter ? Math.max(retryAfter * 1000, ours) : ours;
}

/** Wait, but no longer than until the network is back or `signal` ends it. */
export function pause(milliseconds, signal, network = globalThis) {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      network.removeEventListener?.("online", done);
      signal?.removeEventListener("abort", done);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(done, milliseconds);
    network.addEventListener?.("online", done);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
