import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the package's C++ files; the relative path differs between `src/` and `dist/`. */
export const nativeSourceFolder = (): string => {
  const beside = fileURLToPath(new URL("../../native/", import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL("../../../../src/engine/native/", import.meta.url));
};

const namesIn = (folder: string, suffix: RegExp): string[] =>
  readdirSync(folder)
    .filter((name) => suffix.test(name))
    .sort();

/** The paths of the package's C++ files, in a fixed order. */
export const nativeSourceFiles = (folder = nativeSourceFolder()): string[] =>
  namesIn(folder, /\.cc$/).map((name) => join(folder, name));

/** A hash of the names and contents of the C++ files and their headers, and of `recipe`. */
export const hashNativeSources = (
  recipe: readonly string[],
  folder = nativeSourceFolder(),
): string => {
  const hash = createHash("sha256").update(JSON.stringify(recipe));
  for (const name of namesIn(folder, /\.(cc|h)$/)) {
    hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 16);
};
