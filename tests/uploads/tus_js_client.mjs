/** Uploads a file with tus-js-client, as the wish given on the command line says. */
import { createReadStream, statSync } from "node:fs";
import { PassThrough } from "node:stream";
import { Upload } from "tus-js-client";

const { path, endpoint, token, abortAfter, ...wish } = JSON.parse(process.argv[2]);
const options = {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "film.bin" },
  retryDelays: [100, 500, 1000, 3000],
  uploadSize: wish.uploadLengthDeferred ? undefined : statSync(path).size,
  ...wish,
};

/** The film; where its length is put off, as a stream that has none. */
function film() {
  const file = createReadStream(path);
  return wish.uploadLengthDeferred ? file.pipe(new PassThrough()) : file;
}

function send(more) {
  return new Promise((resolve, reject) => {
    let aborted = false;
    const upload = new Upload(film(), {
      ...options,
      ...more,
      onError: reject,
      onSuccess: () => resolve({ url: upload.url }),
      onProgress: (sent) => {
        if (more.abortAfter && sent >= more.abortAfter && !aborted) {
          aborted = true;
          upload.abort().then(() => resolve({ url: upload.url }));
        }
      },
    });
    upload.start();
  });
}

async function offset(url) {
  const headers = { ...options.headers, "Tus-Resumable": "1.0.0" };
  const head = await fetch(url, { method: "HEAD", headers });
  return Number(head.headers.get("Upload-Offset"));
}

let { url } = await send({ abortAfter });
let resumedAt = 0;
if (abortAfter) {
  // What came before the end of a connection is kept, once the server has heard of the end.
  while (!(resumedAt = await offset(url))) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve, reject) => {
    new Upload(film(), {
      ...options,
      uploadUrl: url,
      onError: reject,
      onSuccess: resolve,
    }).start();
  });
}
console.log(JSON.stringify({ url: new URL(url).pathname, resumedAt }));
