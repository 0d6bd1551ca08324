/** What is to be sent, before it is: files, what is said of them, what becomes of each. Pure. */

/** How many pieces the bytes become. */
export function pieces(size, pieceSize) {
  return Math.max(1, Math.ceil(size / pieceSize));
}

/** What is said of one file: of all of them, unless it has words of its own. */
export function about(shared, own = {}) {
  const said = { ...shared };
  for (const [name, value] of Object.entries(own)) if (value !== undefined && value !== null) said[name] = value;
  return said;
}

/** Should it be sent? What is surely here already is not, unless somebody wants it twice. */
export function isWanted({ choice, check }) {
  if (check?.problem) return false;
  if (choice) return choice === "store";
  return !check?.same?.sure;
}

/** `{count, bytes, skipped, refused}` of a plan's items. */
export function sums(items) {
  const found = { count: 0, bytes: 0, skipped: 0, refused: 0 };
  for (const item of items) {
    if (item.check?.problem) found.refused += 1;
    else if (!isWanted(item)) found.skipped += 1;
    else {
      found.count += 1;
      found.bytes += item.file.size;
    }
  }
  return found;
}

/** The names of the folders that files came in, each once. */
export function folders(items) {
  return [...new Set(items.map(({ folder }) => folder).filter(Boolean))];
}

