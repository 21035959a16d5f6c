import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildWasm } from "./build-wasm.js";
import { bundlePredict, bundleRuntime } from "./bundle-runtime.js";
import { mustRunNode, root } from "./run.js";
import { say } from "./say.js";

const DIST = join(root, "dist");
const STAMP = join(DIST, ".built");
const CONFIGURATION = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];

/** Files of pages, which are copied as they are. */
const PAGE = join("export", "web", "page");

/** A hash of everything that the build reads. */
const hashSources = () => {
  const hash = createHash("sha256");
  const sources = readdirSync(join(root, "src"), { recursive: true })
    .filter((name) => name.endsWith(".ts") || name.startsWith(`${PAGE}/`))
    .map((name) => join("src", name));
  for (const name of [...CONFIGURATION, ...sources.sort()]) {
    hash.update(`\0${name}\0`).update(readFileSync(join(root, name)));
  }
  return hash.digest("hex");
};

const isBuiltFrom = (hash) =>
  existsSync(STAMP) &&
  existsSync(join(DIST, "cli", "command-help.json")) &&
  readFileSync(STAMP, "utf8") === hash;

/** Deletes outputs of earlier builds whose sources are gone; tsc leaves them, and they would be published. */
const removeStale = () => {
  for (const name of readdirSync(DIST, { recursive: true })) {
    const source = /^(.+?)(\.d)?\.(js|ts)(\.map)?$/.exec(name)?.[1];
    const isStale = source !== undefined && !existsSync(join(root, "src", `${source}.ts`));
    if (isStale) rmSync(join(DIST, name), { force: true });
  }
};

/** Writes the help of all commands, which bin/qprune.js prints without loading their schemas. */
const writeCommandHelp = async () => {
  const { loadCommands } = await import(pathToFileURL(join(DIST, "cli", "commands.js")).href);
  const { commandHelp } = await import(pathToFileURL(join(DIST, "cli", "shown-option.js")).href);
  const commands = (await loadCommands()).map(commandHelp);
  writeFileSync(join(DIST, "cli", "command-help.json"), JSON.stringify(commands));
};

/** Builds dist/. */
export const build = async () => {
  const hash = hashSources();
  await mustRunNode(["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"]);
  removeStale();
  cpSync(join(root, "src", PAGE), join(DIST, PAGE), { recursive: true });
  await buildWasm();
  await bundleRuntime();
  await bundlePredict();
  await writeCommandHelp();
  writeFileSync(STAMP, hash);
};

/** Builds dist/ if it is missing or was built from other sources. */
export const ensureBuilt = async () => {
  if (isBuiltFrom(hashSources())) return;
  say("Building (tsc)");
  await build();
};
