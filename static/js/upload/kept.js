/** Handles of files, so that a page can go on after a reload: where the browser has them. */

const DATABASE = "filmedia.files";
const STORE = "handles";

function wait(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return (await wait(opening)).transaction(STORE, mode).objectStore(STORE);
}

/** Storage can be forbidden or full: then the file is chosen again, as in other browsers. */
async function trying(mode, work) {
  try {
    return (await wait(work(await store(mode)))) ?? null;
  } catch {
    return null;
  }
}

export const keep = (id, handle) => trying("readwrite", (files) => files.put(handle, id));
export const forget = (id) => trying("readwrite", (files) => files.delete(id));
export const kept = () => trying("readonly", (files) => files.getAllKeys()).then((ids) => ids ?? []);
export const handleOf = (id) => trying("readonly", (files) => files.get(id));

/** May it be read without asking? */
export async function isOpen(handle) {
  return (await handle.queryPermission?.({ mode: "read" })) !== "prompt";
}

/** The file, asking for permission where that is needed; null where it is refused or gone. */
export async function fileOf(handle) {
  try {
    const allowed = (await handle.requestPermission?.({ mode: "read" })) ?? "granted";
    return allowed === "granted" ? await handle.getFile() : null;
  } catch {
    return null;
  }
}
