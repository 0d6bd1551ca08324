/** Where a film goes on, and when a position is worth keeping. Pure. */

const BACK = 3;
const ENOUGH = 0.95;

/** So early that nobody wants to come back to it: the first 30 s, or 2 % of a short film. */
export function tooEarly(position, duration) {
  return position < Math.min(30, 0.02 * (duration || Infinity));
}

/** Watched: nearly all of it, or the credits have begun. */
export function watched(position, duration, chapters = []) {
  if (!(duration > 0)) return false;
  const credits = chapters.findLast(({ title, start }) => /\bcredits\b/i.test(title) && start > duration / 2);
  return position >= ENOUGH * duration || Boolean(credits && position >= credits.start);
}

/** Of what the server and what this device remember, what was watched last. */
export function latest(server, local) {
  if (!server || !local) return server ?? local ?? null;
  return Date.parse(local.at) > Date.parse(server.at) ? local : server;
}

/**
 * Where to begin: `start`, and `offer`, the place one could go on or go back to.
 * A link that names a moment beats what is remembered.
 */
export function beginning({ link = null, kept = null, duration = null }) {
  const useful = kept && !kept.finished && !tooEarly(kept.position, duration) && !watched(kept.position, duration);
  const offer = useful ? kept.position : null;
  if (link !== null) return { start: link, offer: offer !== null && Math.abs(offer - link) > BACK ? offer : null, linked: true };
  return { start: offer === null ? null : Math.max(0, offer - BACK), offer, linked: false };
}
