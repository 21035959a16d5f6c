import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The model of a page, a packed file. */
export const WEB_MODEL_FILE = "model.safetensors";

/** The files of a page that are the same for every net, in the package's dist/export/web/page. */
const PAGE_FILES = ["index.html", "page.css", "page.js", "worker.js"] as const;
const OFFLINE_FILE = "offline.js";
const RUNTIME_FILE = "runtime.js";

/** The names of all files of a page. */
export const WEB_FILES: readonly string[] = [
  ...PAGE_FILES,
  OFFLINE_FILE,
  RUNTIME_FILE,
  WEB_MODEL_FILE,
];

/** The compiled package's folder; tests run from src/. */
const DIST = new URL("../../../dist/", import.meta.url);

const readOwn = (name: string): Promise<Uint8Array> => readFile(fileURLToPath(new URL(name, DIST)));

const digestOf = (files: ReadonlyMap<string, Uint8Array>): string => {
  const hash = createHash("sha256");
  for (const [name, bytes] of files) hash.update(`\0${name}\0`).update(bytes);
  return hash.digest("hex").slice(0, 16);
};

/**
 * The files of a page for a packed net, by name, without the model: the page, the runtime, and a service worker that keeps
 * all of them.
 */
export const pageFiles = async (model: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> => {
  const files = new Map<string, Uint8Array>();
  for (const name of PAGE_FILES) files.set(name, await readOwn(`export/web/page/${name}`));
  files.set(RUNTIME_FILE, await readOwn(RUNTIME_FILE));
  const version = `qprune#${digestOf(new Map([...files, [WEB_MODEL_FILE, model]]))}`;
  const kept = ["./", ...files.keys(), WEB_MODEL_FILE].map((name) => `"${name}"`).join(", ");
  const offline = new TextDecoder().decode(await readOwn(`export/web/page/${OFFLINE_FILE}`));
  const filled = offline.replace("%VERSION%", version).replace('"%FILES%"', kept);
  files.set(OFFLINE_FILE, new TextEncoder().encode(filled));
  return files;
};
