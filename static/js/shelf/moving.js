/** Where an arrow leads from a film in a list. Pure: it is told how many stand in a row. */

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The number of the film to go to, or null where the key leads nowhere. */
export function neighbour(key, from, count, columns) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[key];
  if (!step) return null;
  const to = from + step[0] + step[1] * columns;
  if (to >= 0 && to < count) return to;
  // Down from the last whole row leads to the last film, where that stands a row below.
  const below = Math.floor(from / columns) < Math.floor((count - 1) / columns);
  return key === "ArrowDown" && below ? count - 1 : null;
}

/** How many films stand in the first row, by where their tops are. */
export function columnsOf(tops) {
  const second = tops.findIndex((top) => top > tops[0] + 1);
  return second < 0 ? Math.max(1, tops.length) : second;
}
