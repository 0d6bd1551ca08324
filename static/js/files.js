/** The files that a person chose, dropped or pasted, folders included. */

import { size } from "./words.js";

const NO_FILM = /^(text|image|font)\/|^application\/(pdf|zip|json|msword|vnd\.)/;

/** Why a file need not be sent at all, as a sentence; "" where the server should look. */
export function objection(file, { maxSize, acceptAny }) {
  if (file.size === 0) return "It is empty.";
  if (file.size > maxSize) return `It is larger than ${size(maxSize)}, the most this library takes.`;
  if (!acceptAny && NO_FILM.test(file.type)) return `It is no film (${file.type}).`;
  return "";
}

/** All files of a drop or a paste; of a folder, those inside it. */
export async function filesOf(transfer) {
  // Entries are only there until this event is over, so they are asked for first.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const found = await Promise.all(entries.filter(Boolean).map(inside));
  return found.flat();
}

async function inside(entry) {
  if (entry.isFile) {
    return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  }
  const found = await Promise.all((await children(entry)).map(inside));
  return found.flat();
}

async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  // A reader gives a hundred at a time, and nothing when there are no more.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
