/** In which order films go. Pure: lists of films in, lists out. */

export const ORDERS = { chosen: byBeginning, small: bySize };

function byBeginning(one, other) {
  return compare(one.upload?.created_at ?? "~", other.upload?.created_at ?? "~");
}

function bySize(one, other) {
  return sizeOf(one) - sizeOf(other) || byBeginning(one, other);
}

/** Those that go first come first; what failed comes last, however early its turn was. */
export function ranked(films) {
  return [...films].sort((one, other) => failed(one) - failed(other) || compare(place(one), place(other)) || byBeginning(one, other));
}

/** `film` one earlier (-1) or later (1) among `films`; the same list where it cannot move. */
export function moved(films, film, by) {
  const from = films.indexOf(film);
  const to = from + by;
  if (from < 0 || to < 0 || to >= films.length) return films;
  const all = films.filter((other) => other !== film);
  all.splice(to, 0, film);
  return all;
}

export function toTop(films, film) {
  return [film, ...films.filter((other) => other !== film)];
}

function place({ upload }) {
  return upload?.place || Infinity;
}

function failed({ upload, job }) {
  return Number(["failed", "changed"].includes(job?.state) || ["refused", "expired"].includes(upload?.state));
}

function sizeOf({ upload, job }) {
  return upload?.length ?? job?.file.size ?? 0;
}

function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
