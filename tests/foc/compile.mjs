// Reads a solc standard JSON input, prints the output: `node compile.mjs < input > output`.
import { readFileSync } from "node:fs";
import solc from "solc";

process.stdout.write(solc.compile(readFileSync(0, "utf8")));
