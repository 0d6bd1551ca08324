/** The files that a person chose, dropped or pasted, folders included. */

import { filled, gettext } from "./gettext.js";
import { size } from "./words.js";

const NO_FILM = /^(text|image|font|audio\/midi)\b|^application\/(pdf|zip|json|msword|vnd\.|x-subrip|x-zip|x-7z|x-rar)/;
const NO_FILM_NAME = /(^|\/)(\.[^\/]*|thumbs\.db|desktop\.ini)$|\.(nfo|txt|jpe?g|png|gif|pdf|zip|7z|rar|torrent|part|exe|iso|dmg|docx?|xlsx?|html?)$/i;
const CAPTIONS = /\.(srt|vtt|ass|ssa|sub|sbv)$/i;

/** Why a file need not be sent at all, as a sentence; "" where the server should look. */
export function objection(file, { maxSize, acceptAny }) {
  if (file.size === 0) return gettext("It is empty.");
  if (file.size > maxSize) return filled(gettext("It is larger than %(size)s, the most this library takes."), { size: size(maxSize) });
  if (acceptAny) return "";
  if (CAPTIONS.test(file.name)) return gettext("It holds captions: add it to its film, on the film's own page.");
  if (NO_FILM.test(file.type)) return filled(gettext("It is no film (%(type)s)."), { type: file.type });
  if (!file.type && NO_FILM_NAME.test(file.name)) return gettext("It is no film.");
  return "";
}

/** `{file, folder, handle}` for each file of a drop or a paste; of a folder, those inside it. */
export async function filesOf(transfer) {
  // Entries are only there until this event is over, so they are asked for first.
  const items = [...transfer.items].filter(({ kind }) => kind === undefined || kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some((entry) => entry?.isDirectory)) {
    const found = await Promise.all(entries.filter(Boolean).map((entry) => inside(entry, "")));
    return found.flat();
  }
  const files = [...transfer.files];
  const handles = await Promise.all(items.map(handleOf));
  return files.map((file, index) => ({ file, folder: "", handle: handles[index] ?? null }));
}

/** As `filesOf`, of what was chosen with the browser's own dialog. */
export function chosenOf(files) {
  return [...files].map((file) => {
    const [folder, ...rest] = (file.webkitRelativePath || "").split("/");
    return { file, folder: rest.length ? folder : "", handle: null };
  });
}

/** Lets a page go on with a file after a reload; some browsers only. */
async function handleOf(item) {
  try {
    const handle = await item.getAsFileSystemHandle?.();
    return handle?.kind === "file" ? handle : null;
  } catch {
    return null;
  }
}

async function inside(entry, folder) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, folder, handle: null }];
  }
  const found = await Promise.all((await children(entry)).map((child) => inside(child, folder || entry.name)));
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
