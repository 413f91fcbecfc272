// Validates an AsyncAPI document; fails on errors (severity 0), prints every diagnostic.
// node validate.mjs asyncapi.json
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
const text = await readFile(process.argv[2], "utf8");
const diagnostics = await new Parser().validate(text);
for (const { severity, code, path, message } of diagnostics) {
  console.log(`${severity} ${code} ${path.join(".")}: ${message}`);
}
process.exitCode = diagnostics.some(({ severity }) => severity === ERROR) ? 1 : 0;
