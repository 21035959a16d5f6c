import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package's C++ files; the relative path differs between `src/` and `dist/`. */
export const nativeSourceFolder = (): string => {
  const beside = fileURLToPath(new URL("../../native/", import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL("../../../../src/engine/native/", import.meta.url));
};

/** Files of `folder` and all folders below it, relative to it and with slashes, in the same order on every system. */
const pathsBelow = (folder: string, suffix: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => suffix.test(path))
    .map((path) => path.split(sep).join("/"))
    .sort();

/** The paths of the package's C++ files, in a fixed order. */
export const nativeSourceFiles = (folder = nativeSourceFolder()): string[] =>
  pathsBelow(folder, /\.cc$/).map((path) => join(folder, path));

/** A hash of `recipe` and of the paths and contents of the C++ files and their headers. */
export const hashNativeSources = (
  recipe: readonly string[],
  folder = nativeSourceFolder(),
): string => {
  const hash = createHash("sha256").update(JSON.stringify(recipe));
  for (const path of pathsBelow(folder, /\.(cc|h)$/)) {
    hash.update(`\0${path}\0`).update(readFileSync(join(folder, path)));
  }
  return hash.digest("hex").slice(0, 16);
};
