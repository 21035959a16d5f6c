import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { QpruneError } from "../core/errors.js";
import { withProcessLock } from "../files/process-lock.js";
import { type CachePaths, cachePaths } from "./cache-folder.js";
import { compileBinding } from "./compile-binding.js";
import { type Compiler, findCompiler } from "./find-compiler.js";
import { findPip } from "./find-pip.js";
import { findTfjsNode } from "./find-tfjs-node.js";
import { installTfjsNode } from "./install-tfjs-node.js";
import { areLibrariesIntact } from "./libraries-folder.js";
import type { Machine } from "./machine.js";
import { type LibrariesOptions, makeLibraries } from "./make-libraries.js";
import { setupFailure } from "./setup-failure.js";
import type { SetupReporter } from "./setup-reporter.js";
import { fillFolder, removeLeftovers } from "./staging-folder.js";
import { type Wheel, wheelFor } from "./wheels.js";

export interface SetupOptions {
  readonly machine: Machine;
  readonly reporter: SetupReporter;
  /** A wheel on this disk, for a machine without network. */
  readonly wheelFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The parts of an engine that is set up. */
export interface InstalledEngine {
  readonly paths: CachePaths;
  readonly tfjsNodeFolder: string;
}

/** The engine as it lies in the cache, or undefined where a part is missing or broken. */
export const findEngine = (machine: Machine): InstalledEngine | undefined => {
  const wheel = wheelFor(machine.platform, machine.arch);
  const paths = cachePaths(machine);
  const tfjsNodeFolder = findTfjsNode(paths.tfjsNode);
  if (!wheel || !tfjsNodeFolder || !existsSync(paths.bindingFile)) return undefined;
  return areLibrariesIntact(paths.libraries, wheel) ? { paths, tfjsNodeFolder } : undefined;
};

const requireWheel = ({ platform, arch }: Machine): Wheel => {
  const wheel = wheelFor(platform, arch);
  if (wheel) return wheel;
  throw new QpruneError(`There is no native engine for ${platform}-${arch}.`, {
    hint: "Use --engine js.",
  });
};

const requireCompiler = async ({ env, platform }: Machine): Promise<Compiler> => {
  const compiler = await findCompiler(env);
  if (compiler) return compiler;
  const what = env.CXX?.trim()
    ? `CXX is ${env.CXX}, which does not run`
    : "none of g++, c++ and clang++ runs";
  throw new QpruneError(`The native engine needs a C++ compiler: ${what}.`, {
    hint:
      platform === "darwin"
        ? "Install it with: xcode-select --install"
        : "Install g++, for example with: apt-get install g++",
  });
};

const requireSource = async (options: SetupOptions): Promise<LibrariesOptions["source"]> => {
  if (options.wheelFile !== undefined) return { wheelFile: options.wheelFile };
  const pip = await findPip(options.machine.env);
  if (pip) return { pip };
  throw new QpruneError("The native engine needs Python with pip to download TensorFlow.", {
    hint: "Install it, for example with: apt-get install python3-pip; or give the wheel: qprune setup --wheel FILE",
  });
};

/** Makes what is missing, with the lock held. What can fail early comes before the long download. */
const makeMissing = async (options: SetupOptions, paths: CachePaths): Promise<void> => {
  const { machine, reporter, signal } = options;
  await removeLeftovers(paths.root);
  const wheel = requireWheel(machine);
  const compiler = existsSync(paths.bindingFile) ? undefined : await requireCompiler(machine);
  if (!areLibrariesIntact(paths.libraries, wheel)) {
    const source = await requireSource(options);
    await makeLibraries({ machine, paths, wheel, source, reporter, signal });
  }
  if (!findTfjsNode(paths.tfjsNode)) {
    reporter.notify("Installing tfjs-node into the cache");
    await installTfjsNode(machine, paths, signal);
  }
  const tfjsNodeFolder = findTfjsNode(paths.tfjsNode);
  if (!compiler || !tfjsNodeFolder) return;
  reporter.notify(`Compiling the engine with ${compiler.version}`);
  await fillFolder(paths.root, paths.binding, async (folder) => {
    const outputFile = join(folder, basename(paths.bindingFile));
    const { libraries: librariesFolder } = paths;
    await compileBinding({
      compiler,
      machine,
      wheel,
      librariesFolder,
      tfjsNodeFolder,
      outputFile,
      signal,
    });
  });
};

/**
 * Sets the native engine up where it is not yet: downloads and unpacks TensorFlow, installs tfjs-node
 * if the package came without it, and compiles the binding. Every part appears whole or not at all;
 * a second process waits for the first. @throws QpruneError that says what is missing.
 */
export const setUpEngine = async (options: SetupOptions): Promise<InstalledEngine> => {
  const found = findEngine(options.machine);
  if (found) return found;
  const { machine, reporter, signal } = options;
  const paths = cachePaths(machine);
  requireWheel(machine);
  try {
    await mkdir(paths.root, { recursive: true });
    return await withProcessLock(
      paths.lockFile,
      async () => {
        await makeMissing(options, paths);
        const made = findEngine(machine);
        if (!made)
          throw new QpruneError("The engine's cache is not complete after the set-up.", {
            hint: "Run: qprune setup --remove",
          });
        return made;
      },
      {
        signal,
        onWait: (pid) =>
          reporter.notify(`Waiting for process ${pid}, which is setting the engine up`),
      },
    );
  } catch (cause) {
    throw setupFailure(paths.root, cause);
  }
};
