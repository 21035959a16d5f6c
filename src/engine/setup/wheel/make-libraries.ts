import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { QpruneError } from "../../../base/errors.js";
import { freeBytes } from "../../../files/writing/free-space.js";
import type { CachePaths } from "../cache/cache-folder.js";
import { sealLibraries } from "../cache/libraries-folder.js";
import { fillFolder } from "../cache/staging-folder.js";
import type { Machine } from "../machine.js";
import type { WheelSource } from "../requirements.js";
import { runProgram } from "../run-program.js";
import type { SetupReporter } from "../setup-reporter.js";
import { checkWheel } from "./check-wheel.js";
import { downloadWheel } from "./download-wheel.js";
import { extractWheel } from "./extract-wheel.js";
import type { Wheel } from "./wheels.js";

export interface LibrariesOptions {
  readonly machine: Machine;
  readonly paths: CachePaths;
  readonly wheel: Wheel;
  readonly source: WheelSource;
  readonly reporter: SetupReporter;
  readonly signal?: AbortSignal | undefined;
}

/** The wheel and its extracted files coexist during the set-up. */
const NEEDED_BYTES = 1.1e9;
/** Stripping writes the large library a second time; it is skipped without this much space. */
const NEEDED_TO_STRIP_BYTES = 0.6e9;

const requireSpace = async (root: string): Promise<void> => {
  const free = await freeBytes(root);
  if (free >= NEEDED_BYTES) return;
  throw new QpruneError(
    `Setting up the engine needs ${NEEDED_BYTES / 1e6} MB in ${root}, but only ${Math.floor(free / 1e6)} MB are free.`,
    { hint: "Free some space, or choose another folder with XDG_CACHE_HOME=FOLDER." },
  );
};

/** Strips debug symbols from the libraries, a quarter of their size. */
const strip = async (
  folder: string,
  { machine, wheel, signal }: LibrariesOptions,
): Promise<void> => {
  // On macOS this would invalidate the libraries' signatures.
  if (machine.platform !== "linux" || (await freeBytes(folder)) < NEEDED_TO_STRIP_BYTES) return;
  for (const name of wheel.libraries) {
    const stripped = join(folder, `${name}.stripped`);
    const args = ["--strip-unneeded", "-o", stripped, join(folder, name)];
    const { code } = await runProgram("strip", args, { env: machine.env, signal });
    signal?.throwIfAborted();
    if (code === 0) await rename(stripped, join(folder, name));
    else await rm(stripped, { force: true });
  }
};

/** Creates the folder with TensorFlow's libraries and headers in the cache: downloads, checks, unpacks and strips. */
export const makeLibraries = async (options: LibrariesOptions): Promise<void> => {
  const { machine, paths, wheel, source, reporter, signal } = options;
  const report = (step: string) => (doneBytes: number, totalBytes: number) =>
    reporter.progress({ step, doneBytes, totalBytes });
  await requireSpace(paths.root);
  await fillFolder(paths.root, paths.libraries, async (folder) => {
    let wheelFile: string;
    const onProgress = report(`Downloading TensorFlow ${wheel.version}`);
    if ("pip" in source) {
      const download = { wheel, pip: source.pip, env: machine.env, folder, onProgress, signal };
      wheelFile = await downloadWheel(download);
    } else {
      wheelFile = source.wheelFile;
    }
    await checkWheel(wheelFile, wheel);
    if ("pip" in source) onProgress(wheel.bytes, wheel.bytes);
    const { libraries } = wheel;
    await extractWheel({ wheelFile, folder, libraries, onProgress: report("Unpacking"), signal });
    for (const name of ["wheel", "tmp"])
      await rm(join(folder, name), { recursive: true, force: true });
    await strip(folder, options);
    await sealLibraries(folder, wheel);
  });
};
