/** How fast a film may play. Pure. */

export const SLOWEST = 0.25;
export const FASTEST = 2;
const STEP = 0.25;

/** A number that somebody typed, as a speed; null where it is none. */
export function speed(text) {
  const number = Number(String(text).replace(",", "."));
  return Number.isFinite(number) && number > 0 ? Math.min(FASTEST, Math.max(SLOWEST, number)) : null;
}

/** The next quarter up (1) or down (-1). */
export function stepped(now, way) {
  const quarters = way > 0 ? Math.floor(now / STEP + 1e-9) + 1 : Math.ceil(now / STEP - 1e-9) - 1;
  return speed(Math.max(SLOWEST, quarters * STEP));
}
