/** npm's @tus/server on a free port, with its file store in the folder given. */
import { mkdirSync } from "node:fs";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const directory = process.argv[2];
mkdirSync(directory, { recursive: true });
const server = new Server({ path: "/files", datastore: new FileStore({ directory }) });
const listener = server.listen({ host: "127.0.0.1", port: 0 }, () => {
  console.log(listener.address().port);
});
