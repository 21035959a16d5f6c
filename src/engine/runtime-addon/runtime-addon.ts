import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { QpruneError } from "../../base/errors.js";
import { cacheFolder } from "../../files/user-cache.js";
import { fillFolder } from "../setup/cache/staging-folder.js";
import { COMPILE_FLAGS } from "../setup/compile/compile-flags.js";
import type { Compiler } from "../setup/compile/find-compiler.js";
import { nodeApiHeaders } from "../setup/compile/find-tfjs-node.js";
import {
  hashNativeSources,
  nativeSourceFiles,
  nativeSourceFolder,
} from "../setup/compile/native-sources.js";
import { type Machine, thisMachine } from "../setup/machine.js";
import { requireCompiler } from "../setup/requirements.js";
import { runProgram } from "../setup/run-program.js";

/** Comparisons that could trap would keep the compiler from vectorizing limits; results are the same without. */
const FLAGS = [...COMPILE_FLAGS, "-fno-trapping-math", "-DNODE_GYP_MODULE_NAME=qprune_runtime"];

/** The folder of the addon's C++ files; the relative path differs between `src/` and `dist/`. */
const sourceFolder = (): string => {
  const own = fileURLToPath(new URL("native/", import.meta.url));
  return existsSync(own)
    ? own
    : fileURLToPath(new URL("../../../src/engine/runtime-addon/native/", import.meta.url));
};

/** Kernels of the training engine, some of which the addon contains, too. */
const sharedFolder = (): string => join(nativeSourceFolder(), "kernels");

interface AddonPaths {
  readonly root: string;
  /** Keyed by the sources. */
  readonly folder: string;
  readonly file: string;
}

const addonPaths = (machine: Machine): AddonPaths => {
  const root = cacheFolder(machine);
  const shared = hashNativeSources(FLAGS, sharedFolder());
  const sources = hashNativeSources([...FLAGS, shared], sourceFolder());
  const folder = join(root, `engine-${machine.platform}-${machine.arch}-runtime-${sources}`);
  return { root, folder, file: join(folder, "qprune_runtime.node") };
};

const compile = async (
  compiler: Compiler,
  { env }: Machine,
  outputFile: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const threads = join(sharedFolder(), "threads", "thread-pool.cc");
  const args = [
    ...compiler.firstArguments,
    ...FLAGS,
    `-I${nodeApiHeaders()}`,
    ...nativeSourceFiles(sourceFolder()),
    threads,
    ...(process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []),
    ...["-o", outputFile],
  ];
  const { code, stderr } = await runProgram(compiler.command, args, { env, signal });
  signal?.throwIfAborted();
  if (code === 0) return;
  const reason = stderr.split("\n").find((line) => /error/i.test(line)) ?? `exit code ${code}`;
  throw new QpruneError(`${compiler.command} could not compile the runtime's kernels: ${reason}`, {
    hint: "The runtime works without them, in WebAssembly.",
  });
};

/**
 * Compiles the runtime's native kernels into the cache if they are missing.
 * @throws QpruneError if there is no compiler, or it fails.
 */
export const setUpRuntimeAddon = async (
  machine: Machine,
  notify: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  const { root, folder, file } = addonPaths(machine);
  if (existsSync(file)) return;
  const compiler = await requireCompiler(machine);
  notify(`Compiling the runtime's kernels with ${compiler.version}`);
  await mkdir(root, { recursive: true });
  await fillFolder(root, folder, (staging) =>
    compile(compiler, machine, join(staging, basename(file)), signal),
  );
};

/** The addon as it is loaded: functions on a memory, and what they use. */
export interface LoadedAddon {
  readonly instructions: string;
  readonly byteProducts: string;
  readonly threads: number;
  readonly [kernel: string]: unknown;
}

/**
 * The runtime's native kernels, if `qprune setup` has compiled them and this processor has AVX2 or AVX-512 with
 * VNNI: the option `addon` of loadModel. Null otherwise; kernels in WebAssembly are then faster.
 */
export const loadRuntimeAddon = (machine: Machine = thisMachine()): LoadedAddon | null => {
  try {
    const { file } = addonPaths(machine);
    if (!existsSync(file)) return null;
    const addon = createRequire(import.meta.url)(file) as LoadedAddon;
    return addon.byteProducts === "none" ? null : addon;
  } catch {
    return null;
  }
};
