import assert from "node:assert/strict";
import test from "node:test";
import { Refused, Unreachable } from "../../static/js/http.js";
import { cancel, create, FileChanged, send } from "../../static/js/tus.js";

const URL = "/api/v1/uploads/upl_1/";

/** A server that keeps bytes, and fails as `faults` tell it: one for each PATCH, or nothing. */
function memoryServer(faults = [], kept = "") {
  const server = { bytes: kept, seen: [] };
  server.http = async (method, url, { headers, body } = {}) => {
    server.seen.push(method);
    const answer = () => ({ headers: new Headers({ "Upload-Offset": String(server.bytes.length) }) });
    if (method === "HEAD") return answer();
    const fault = faults.shift();
    const from = Number(headers["Upload-Offset"]);
    if (fault?.keeps) server.bytes += (await body.text()).slice(0, fault.keeps);
    if (fault) throw fault.error;
    if (from !== server.bytes.length) throw new Refused(409, { code: "upload-offset-mismatch" });
    server.bytes += await body.text();
    return answer();
  };
  return server;
}

const film = (text = "0123456789") => new File([text], "film.mp4");
const noWait = { wait: async () => {} };

test("what the server lacks is sent in chunks, and progress is what it confirms", async () => {
  const server = memoryServer([], "01");
  const confirmed = [];
  await send(film(), URL, { chunkSize: 4, onOffset: (offset) => confirmed.push(offset), ...server, ...noWait });
  assert.equal(server.bytes, "0123456789");
  assert.deepEqual(confirmed, [2, 6, 10]);
  assert.deepEqual(server.seen, ["HEAD", "PATCH", "PATCH"]);
});

test("a lost connection goes on from what the server kept", async () => {
  const server = memoryServer([{ keeps: 3, error: new Unreachable() }]);
  const troubles = [];
  await send(film(), URL, { chunkSize: 5, onTrouble: (error) => troubles.push(error.name), ...server, ...noWait });
  assert.equal(server.bytes, "0123456789");
  assert.deepEqual(troubles, ["Unreachable"]);
  assert.deepEqual(server.seen, ["HEAD", "PATCH", "HEAD", "PATCH", "PATCH"]);
});

for (const [status, why] of [
  [409, "an offset that has moved"],
  [423, "another connection that is sending"],
  [429, "too many requests"],
  [460, "bytes that changed on the way"],
  [503, "a server that restarts"],
]) {
  test(`${status}: ${why} is waited out`, async () => {
    const server = memoryServer([{ error: new Refused(status) }]);
    await send(film(), URL, { chunkSize: 100, ...server, ...noWait });
    assert.equal(server.bytes, "0123456789");
  });
}

test("Retry-After is waited for", async () => {
  const error = new Refused(423, {}, new Headers({ "Retry-After": "9" }));
  const waits = [];
  await send(film(), URL, {
    chunkSize: 100,
    ...memoryServer([{ error }]),
    wait: async (milliseconds) => waits.push(milliseconds),
  });
  assert.deepEqual(waits, [9000]);
});

for (const status of [403, 404, 410, 413, 507]) {
  test(`${status} is not tried again`, async () => {
    const server = memoryServer([{ error: new Refused(status) }]);
    await assert.rejects(send(film(), URL, { chunkSize: 100, ...server, ...noWait }), { status });
    assert.deepEqual(server.seen, ["HEAD", "PATCH"]);
  });
}

test("a file that can no longer be read is told from a broken network", async () => {
  const file = {
    size: 10,
    slice: () => ({ text: async () => "", arrayBuffer: () => Promise.reject(new Error("gone")) }),
  };
  const server = memoryServer([{ error: new Unreachable() }]);
  await assert.rejects(send(file, URL, { chunkSize: 100, ...server, ...noWait }), FileChanged);
});

test("a pause by the person ends it at once", async () => {
  const controller = new AbortController();
  const server = memoryServer([{ error: new Unreachable() }]);
  const wait = async () => {
    controller.abort();
    throw controller.signal.reason;
  };
  const sent = send(film(), URL, { chunkSize: 100, signal: controller.signal, http: server.http, wait });
  await assert.rejects(sent, { name: "AbortError" });
});

test("an upload begins with its length and what is said of it", async () => {
  let asked;
  const http = async (method, url, { headers }) => {
    asked = headers;
    return { headers: new Headers({ Location: URL }) };
  };
  assert.equal(await create("/api/v1/uploads/", 10, { filename: "é.mp4", title: "" }, { http }), URL);
  assert.equal(asked["Upload-Length"], "10");
  assert.equal(asked["Upload-Metadata"], `filename ${Buffer.from("é.mp4").toString("base64")}`);
});

test("ending an upload that is over is no error, and is told apart from ending it", async () => {
  assert.equal(await cancel(URL, { http: () => Promise.reject(new Refused(410)) }), false);
  assert.equal(await cancel(URL, { http: async () => {} }), true);
  await assert.rejects(cancel(URL, { http: () => Promise.reject(new Refused(403)) }), { status: 403 });
});
