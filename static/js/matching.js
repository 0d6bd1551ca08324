/**
 * Which of the files chosen belong to uploads that wait for them. Pure.
 *
 * A fingerprint is `size-modified-name`, and behind a tilde a hash of samples of the bytes
 * where the program that made it has read them. The command line makes the first part.
 */

const NAME_LIMIT = 150;

/** How a file is recognised again without reading it. */
export function fingerprint({ name, size, lastModified }) {
  const safe = name.toWellFormed ? name.toWellFormed() : name;
  return `${size}-${lastModified}-${encodeURIComponent(safe).slice(0, NAME_LIMIT)}`;
}

/** The same with a hash of samples, as the server keeps it with the upload. */
export function sampledPrint(file, sample) {
  return `${fingerprint(file)}~${sample}`;
}

/** Are these two of one file? Its bytes say more than its name, where both were looked at. */
export function same(one, other) {
  if (!one || !other) return false;
  const [a, b] = [read(one), read(other)];
  if (a.sample && b.sample) return a.size === b.size && a.sample === b.sample;
  return a.plain === b.plain;
}

function read(print) {
  const [, plain, sample = ""] = /^(.*?)(?:~([0-9a-f]+))?$/s.exec(print);
  return { plain, sample, size: plain.slice(0, plain.indexOf("-")) };
}

/**
 * Sort what was chosen (`{file, print}`) into what goes on with a waiting upload, what has
 * the name of one but is not its file any more, and what is new. No upload is given out twice.
 */
export function match(chosen, waiting) {
  const left = new Set(waiting);
  const sorted = { resumed: [], changed: [], fresh: [] };
  const later = [];
  for (const one of chosen) {
    const upload = find(left, ({ fingerprint: kept }) => same(kept, one.print));
    if (upload) sorted.resumed.push({ ...one, upload });
    else later.push(one);
  }
  for (const one of later) {
    const upload = find(left, ({ filename }) => filename === one.file.name);
    if (!upload) sorted.fresh.push(one);
    // An upload that another client began has no fingerprint of ours; its size has to do.
    else if (!upload.fingerprint && upload.length === one.file.size) sorted.resumed.push({ ...one, upload });
    else sorted.changed.push({ ...one, upload });
  }
  return sorted;
}

function find(left, isIt) {
  for (const upload of left) {
    if (isIt(upload)) {
      left.delete(upload);
      return upload;
    }
  }
  return null;
}
