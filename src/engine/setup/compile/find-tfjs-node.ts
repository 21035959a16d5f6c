import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { TFJS_VERSION } from "../versions.js";

const PACKAGE = "@tensorflow/tfjs-node";

const versionIn = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;

/** The folder of a package that this package can import. */
const installedFolder = (name: string): string | undefined => {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
};

/**
 * The folder of tfjs-node in the right version: the installed one, otherwise the one in the cache. It is an optional
 * dependency, since its own install script fails on many machines.
 */
export const findTfjsNode = (cacheFolder: string): string | undefined => {
  const cached = join(cacheFolder, "node_modules", PACKAGE);
  const candidates = [installedFolder(PACKAGE), existsSync(cached) ? cached : undefined];
  return candidates.find((folder) => folder && versionIn(folder) === TFJS_VERSION);
};

/** The folder with the headers of Node-API. */
export const nodeApiHeaders = (): string => {
  const folder = installedFolder("node-api-headers");
  if (!folder) throw new Error("The package node-api-headers is not installed.");
  return join(folder, "include");
};
