/** Which of the files chosen belong to uploads that wait for them. Pure. */

const NAME_LIMIT = 150;

/** How a file is recognised again: the server keeps it with the upload. */
export function fingerprint({ name, size, lastModified }) {
  const safe = name.toWellFormed ? name.toWellFormed() : name;
  return `${size}-${lastModified}-${encodeURIComponent(safe).slice(0, NAME_LIMIT)}`;
}

/**
 * Sort files into those that go on with a waiting upload, those that have the name of one
 * but are not its file any more, and those that are new. No upload is given out twice.
 */
export function match(files, waiting) {
  const left = new Set(waiting);
  const sorted = { resumed: [], changed: [], fresh: [] };
  const later = [];
  for (const file of files) {
    const upload = find(left, (one) => one.fingerprint && one.fingerprint === fingerprint(file));
    if (upload) sorted.resumed.push({ file, upload });
    else later.push(file);
  }
  for (const file of later) {
    const upload = find(left, (one) => one.filename === file.name);
    if (!upload) sorted.fresh.push(file);
    // An upload that another client began has no fingerprint of ours; its size has to do.
    else if (!upload.fingerprint && upload.length === file.size) sorted.resumed.push({ file, upload });
    else sorted.changed.push({ file, upload });
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
