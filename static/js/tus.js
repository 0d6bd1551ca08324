/**
 * A small tus 1.0.0 client: create an upload, ask how far it is, send what is missing, end it.
 *
 * Progress is what the server confirms. Bytes that have left this machine count for nothing.
 */

import { delay, pause } from "./backoff.js";
import { gettext } from "./gettext.js";
import { Refused, request, Unreachable } from "./http.js";

const TUS = { "Tus-Resumable": "1.0.0" };
const CONFLICT = 409;
const GONE = 410;
const LOCKED = 423;
const TOO_MANY = 429;
const CHECKSUM_MISMATCH = 460;
const NO_SPACE = 507;

/** The file on this machine is no longer what it was when it was chosen. */
export class FileChanged extends Error {
  constructor(cause) {
    super(gettext("The file changed or moved on this device."), { cause });
    this.name = "FileChanged";
  }
}

/** Begin an upload of `length` bytes and return its address. */
export async function create(endpoint, length, metadata, { signal, http = request } = {}) {
  const headers = {
    ...TUS,
    "Upload-Length": String(length),
    "Upload-Metadata": encoded(metadata),
  };
  return (await http("POST", endpoint, { headers, signal })).headers.get("Location");
}

/** How many bytes the server has. */
export async function offsetOf(url, { signal, http = request } = {}) {
  const answer = await http("HEAD", url, { headers: TUS, signal });
  return Number(answer.headers.get("Upload-Offset"));
}

/** False when there was nothing to end any more: it is over, one way or the other. */
export async function cancel(url, { http = request } = {}) {
  try {
    await http("DELETE", url, { headers: TUS });
    return true;
  } catch (error) {
    if (!(error instanceof Refused && [404, GONE].includes(error.status))) throw error;
    return false;
  }
}

/**
 * Send what the server lacks of `file`, for as long as it takes: in chunks of `chunkSize`, or
 * as large and as soon as `pacing` says.
 *
 * `onOffset` hears each offset that the server confirms, `onTrouble` each fault that is
 * waited out. Ends with an error only when trying again would not help.
 */
export async function send(file, url, { chunkSize, pacing, signal, onOffset, onTrouble, ...seams }) {
  const { http = request, wait = pause } = seams;
  const chunks = pacing ?? { size: chunkSize };
  for (let failures = 0, offset = null; ; ) {
    try {
      offset ??= await offsetOf(url, { signal, http });
      onOffset?.(offset);
      if (offset >= file.size) return;
      offset = await patch(file, url, offset, { chunks, signal, http });
      failures = 0;
    } catch (error) {
      signal?.throwIfAborted();
      await makeSureOf(file, offset, error);
      if (!worthAnotherTry(error)) throw error;
      failures += 1;
      onTrouble?.(error);
      await wait(delay(failures, { retryAfter: error.retryAfter }), signal);
      offset = null;
    }
  }
}

async function patch(file, url, offset, { chunks, signal, http }) {
  const stop = Math.min(offset + chunks.size, file.size);
  await chunks.before?.(stop - offset, signal);
  const began = performance.now();
  const headers = {
    ...TUS,
    "Content-Type": "application/offset+octet-stream",
    "Upload-Offset": String(offset),
  };
  const body = file.slice(offset, stop);
  const answer = await http("PATCH", url, { headers, body, signal });
  chunks.after?.(stop - offset, performance.now() - began);
  return Number(answer.headers.get("Upload-Offset"));
}

/** A file that can no longer be read looks like a broken network; so read one byte of it. */
async function makeSureOf(file, offset, error) {
  if (!(error instanceof Unreachable)) return;
  try {
    await file.slice(offset ?? 0, (offset ?? 0) + 1).arrayBuffer();
  } catch (cause) {
    throw new FileChanged(cause);
  }
}

export function worthAnotherTry(error) {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof Refused) || error.status === NO_SPACE) return false;
  return (
    [CONFLICT, LOCKED, TOO_MANY, CHECKSUM_MISMATCH].includes(error.status) || error.status >= 500
  );
}

export function isFull(error) {
  return error instanceof Refused && error.status === NO_SPACE;
}

function encoded(metadata) {
  return Object.entries(metadata)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(",");
}

function base64(text) {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
