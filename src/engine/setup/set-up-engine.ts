import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { QpruneError } from "../../base/errors.js";
import { holderName } from "../../files/locks/lock-watch.js";
import { type LockOptions, withProcessLock } from "../../files/locks/process-lock.js";
import { type CachePaths, cachePaths } from "./cache/cache-folder.js";
import { areLibrariesIntact } from "./cache/libraries-folder.js";
import { fillFolder, removeLeftovers } from "./cache/staging-folder.js";
import { requireLoadable } from "./cache/unloadable-cache.js";
import { compileBinding } from "./compile/compile-binding.js";
import { findTfjsNode } from "./compile/find-tfjs-node.js";
import { installTfjsNode } from "./compile/install-tfjs-node.js";
import type { Machine } from "./machine.js";
import { requireCompiler, requireWheel, requireWheelSource } from "./requirements.js";
import { setupFailure } from "./setup-failure.js";
import type { SetupReporter } from "./setup-reporter.js";
import { makeLibraries } from "./wheel/make-libraries.js";
import { wheelFor } from "./wheel/wheels.js";

export interface SetupOptions {
  readonly machine: Machine;
  readonly reporter: SetupReporter;
  /** A file with the wheel, for a machine without network. */
  readonly wheelFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The parts of an installed engine. */
export interface InstalledEngine {
  readonly paths: CachePaths;
  readonly tfjsNodeFolder: string;
}

/** The engine in the cache; undefined if a part is missing or truncated. */
export const findEngine = (machine: Machine): InstalledEngine | undefined => {
  const wheel = wheelFor(machine.platform, machine.arch);
  const paths = cachePaths(machine);
  const tfjsNodeFolder = findTfjsNode(paths.tfjsNode);
  if (!wheel || !tfjsNodeFolder || !existsSync(paths.bindingFile)) return undefined;
  return areLibrariesIntact(paths.libraries, wheel) ? { paths, tfjsNodeFolder } : undefined;
};

const provideTfjsNode = async (options: SetupOptions, paths: CachePaths): Promise<string> => {
  const found = findTfjsNode(paths.tfjsNode);
  if (found) return found;
  options.reporter.notify("Installing tfjs-node into the cache");
  await installTfjsNode(options.machine, paths, options.signal);
  return findTfjsNode(paths.tfjsNode) ?? paths.tfjsNode;
};

/** Creates the missing parts while holding the lock. Steps that may fail early precede the long download. */
const createMissing = async (options: SetupOptions, paths: CachePaths): Promise<void> => {
  const { machine, reporter, signal, wheelFile } = options;
  await removeLeftovers(paths.root);
  const wheel = requireWheel(machine);
  const compiler = existsSync(paths.bindingFile) ? undefined : await requireCompiler(machine);
  if (!areLibrariesIntact(paths.libraries, wheel)) {
    const source = await requireWheelSource(machine.env, wheelFile);
    await makeLibraries({ machine, paths, wheel, source, reporter, signal });
  }
  const tfjsNodeFolder = await provideTfjsNode(options, paths);
  if (!compiler) return;
  reporter.notify(`Compiling the engine with ${compiler.version}`);
  const parts = { compiler, machine, wheel, tfjsNodeFolder, librariesFolder: paths.libraries };
  await fillFolder(paths.root, paths.binding, (folder) =>
    compileBinding({ ...parts, outputFile: join(folder, basename(paths.bindingFile)), signal }),
  );
};

/**
 * Sets the native engine up if it is not: downloads and unpacks TensorFlow, installs tfjs-node if the package was
 * installed without it, and compiles the binding. Every part appears completely or not at all. A second process waits
 * for the first.
 * @throws QpruneError that names what is missing.
 */
export const setUpEngine = async (options: SetupOptions): Promise<InstalledEngine> => {
  const { machine, reporter, signal } = options;
  const found = findEngine(machine);
  if (found) return found;
  requireWheel(machine);
  const paths = cachePaths(machine);
  requireLoadable(paths.root);
  const onHeld: LockOptions["onHeld"] = (holder, state, longestMs) => {
    const name = holderName(holder);
    reporter.notify(
      state === "alive"
        ? `Waiting for ${name}, which is setting up the engine`
        : `Waiting for the lock of ${name}: up to ${longestMs / 1000} s to see whether it is still running`,
    );
  };
  try {
    await withProcessLock(
      paths.lockFile,
      async () => {
        if (!findEngine(machine)) await createMissing(options, paths);
      },
      { signal, onHeld },
    );
  } catch (cause) {
    throw signal?.aborted ? cause : setupFailure(paths.root, cause);
  }
  const installed = findEngine(machine);
  if (installed) return installed;
  throw new QpruneError(`The engine in ${paths.root} is incomplete after its setup.`, {
    code: "engine-incomplete",
    hint: "Remove the engine from the cache and set it up again.",
  });
};
