/** Where things are on the seek bar. Pure. */

/** The share (0 to 1) of the bar at which a pointer stands. */
export function shareAt(x, { left, width }) {
  return width > 0 ? Math.min(1, Math.max(0, (x - left) / width)) : 0;
}

/** Left edge of a box of `size` over `at`, kept inside `width`. */
export function inside(at, size, width) {
  return Math.max(0, Math.min(at - size / 2, width - size));
}

const cent = (part, whole) => `${((100 * part) / whole).toFixed(3)}%`;

/** Ranges of time as a picture: coloured where they are, clear between. */
export function painted(ranges, duration) {
  if (!(duration > 0) || !ranges.length) return "none";
  const stops = ranges.flatMap(([start, end]) => [
    `transparent ${cent(start, duration)}`,
    `currentColor ${cent(start, duration)} ${cent(end, duration)}`,
    `transparent ${cent(end, duration)}`,
  ]);
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

/** A mask that leaves a slit where each chapter but the first begins. */
export function slits(chapters, duration) {
  const starts = chapters.map(({ start }) => start).filter((start) => start > 0 && start < duration);
  if (!(duration > 0) || !starts.length) return "none";
  const stops = starts.flatMap((start) => {
    const at = cent(start, duration);
    return [`#000 calc(${at} - 1.5px)`, `transparent calc(${at} - 1.5px) calc(${at} + 1.5px)`, `#000 calc(${at} + 1.5px)`];
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

/** The ranges of a TimeRanges. */
export function ranges(times) {
  return Array.from({ length: times.length }, (_, index) => [times.start(index), times.end(index)]);
}

/** The chapter that plays at `time`, or null before the first. */
export function chapterAt(chapters, time) {
  return chapters.findLast(({ start }) => start <= time + 0.05) ?? null;
}

/** Where the next (`step` 1) or the previous (-1) chapter begins; null where there is none. */
export function chapterStart(chapters, time, step) {
  if (step > 0) return chapters.find(({ start }) => start > time + 0.05)?.start ?? null;
  // In the first seconds of a chapter one means the one before it.
  const now = chapterAt(chapters, time - 3);
  return now ? now.start : (chapters.length ? 0 : null);
}
