/**
 * Requests to our own server: the one home of fetch, of the CSRF token, and of turning a
 * refusal into an Error.
 */

import { filled, gettext } from "./gettext.js";

/** The server answered, and it was a no. `detail` is a sentence to show. */
export class Refused extends Error {
  constructor(status, { code = "", title = "", detail = "", ...facts } = {}, headers = new Headers()) {
    super(detail || title || filled(gettext("The server answered %(status)s."), { status }));
    this.name = "Refused";
    Object.assign(this, { status, code, facts });
    this.retryAfter = Number(headers.get("Retry-After")) || null;
  }
}

/** There was no usable answer: the network, or the server, is away. */
export class Unreachable extends Error {
  constructor(cause) {
    super(gettext("The server cannot be reached."), { cause });
    this.name = "Unreachable";
  }
}

const CHANGING = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export async function request(method, url, { headers = {}, body, json, signal, keepalive, cache } = {}) {
  const all = { Accept: "application/json", ...headers };
  if (CHANGING.has(method)) all["X-CSRFToken"] = csrfToken();
  if (json !== undefined) all["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: all,
      body: json === undefined ? body : JSON.stringify(json),
      signal,
      keepalive,
      cache,
      credentials: "same-origin",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(error);
  }
  if (!answer.ok) throw new Refused(answer.status, await problem(answer), answer.headers);
  return answer;
}

export async function getJson(url, options) {
  return (await request("GET", url, options)).json();
}

/** Read each time: signing in again in another tab changes it. */
function csrfToken() {
  return globalThis.document?.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

async function problem(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) return {};
  return answer.json().catch(() => ({}));
}

const GONE = new Set([401, 403, 404, 410]);

/** Whether the page that was asked for is gone, or the right to see it: then another one is led to. */
export const isGone = ({ redirected, status }) => redirected || GONE.has(status);
