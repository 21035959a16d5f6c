import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRunNode, root } from "./run.js";
import { say } from "./say.js";

const STAMP = join(root, "dist", ".built");
const CONFIGURATION = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];

/** A hash of everything that the build reads. */
const hashSources = () => {
  const hash = createHash("sha256");
  const sources = readdirSync(join(root, "src"), { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join("src", name));
  for (const name of [...CONFIGURATION, ...sources.sort()]) {
    hash.update(`\0${name}\0`).update(readFileSync(join(root, name)));
  }
  return hash.digest("hex");
};

const isBuiltFrom = (hash) =>
  existsSync(STAMP) &&
  existsSync(join(root, "dist", "cli", "main.js")) &&
  readFileSync(STAMP, "utf8") === hash;

/** Builds dist/ where it is missing or was made of other sources. */
export const ensureBuilt = async () => {
  const hash = hashSources();
  if (isBuiltFrom(hash)) return;
  say("Building (tsc)");
  await mustRunNode(["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  writeFileSync(STAMP, hash);
};
