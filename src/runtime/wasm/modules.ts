import { fromBase64 } from "../../base/base64.js";
import { wholeJobs } from "../kernels/kernel-job.js";
import type { ByteProducts, JobRunner, KernelTarget } from "../kernels/kernel-target.js";
import { BINARIES, type Binaries } from "./binaries.js";
import { exportsOf, instantiateKernels, type KernelModules } from "./instantiate-kernels.js";
import { startTeam } from "./threads/team.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.js";

const PAGE_BYTES = 65536;

const INSTRUCTIONS = {
  none: "WebAssembly SIMD",
  "seven bits": "WebAssembly SIMD, byte products of 7 bits",
  "pairs of 16 bits": "WebAssembly SIMD, byte products in pairs of 16 bits",
  "eight bits": "WebAssembly SIMD, byte products of 8 bits",
} as const;

type WebAssembly = NonNullable<typeof webAssembly>;

/** The end of the import of a memory with a maximum: its name, its kind, and a byte of flags. */
const MEMORY_IMPORT = [6, ...new TextEncoder().encode("memory"), 2, 1];
const SHARED_FLAGS = 3;

/** The same module for a memory that threads share: only the flags of the import differ. */
const withSharedMemory = (module: Uint8Array): Uint8Array => {
  const isHere = (at: number): boolean =>
    MEMORY_IMPORT.every((byte, index) => module[at + index] === byte);
  const at = module.findIndex((_, index) => isHere(index));
  const shared = module.slice();
  shared[at + MEMORY_IMPORT.length - 1] = SHARED_FLAGS;
  return shared;
};

/** Compiles a module; null if the engine refuses its instructions. */
const compiled = async (
  engine: WebAssembly,
  text: string,
  isShared: boolean,
): Promise<WasmModule | null> => {
  const bytes = fromBase64(text);
  const own = isShared ? withSharedMemory(bytes) : bytes;
  return engine.validate(own) ? engine.compile(own) : null;
};

const compileModules = async (
  engine: WebAssembly,
  binaries: Binaries,
  isShared: boolean,
): Promise<KernelModules | null> => {
  const kernels = await compiled(engine, binaries.kernels, isShared);
  return kernels && { kernels, relaxed: await compiled(engine, binaries.relaxed, isShared) };
};

type DotOfPair = (weight: number, code: number) => number;

/** Classifies the instruction by products that are exact only if it takes codes above 127 as positive, or sums of two in 32 bits. */
const tested = (dotOfPair: DotOfPair): ByteProducts => {
  const isExact = (weight: number, code: number): boolean =>
    dotOfPair(weight, code) === 4 * weight * code;
  if (!isExact(-128, 127) || !isExact(127, 127)) return "none";
  if (!isExact(64, 255) || !isExact(-64, 255)) return "seven bits";
  return isExact(127, 255) && isExact(-128, 255) ? "eight bits" : "pairs of 16 bits";
};

const createMemory = (engine: WebAssembly, bytes: number, isShared: boolean): WasmMemory => {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new engine.Memory({ initial: pages, maximum: pages, shared: isShared });
};

/** The kernels for some threads; null if they are not built, or the engine has no WebAssembly with SIMD. */
const load = async (threads: number): Promise<KernelTarget | null> => {
  if (!BINARIES || !webAssembly) return null;
  const [engine, { worker }] = [webAssembly, BINARIES];
  const isShared = threads > 1;
  const modules = await compileModules(engine, BINARIES, isShared);
  if (!modules) return null;
  const probe =
    modules.relaxed && (await exportsOf(modules.relaxed, createMemory(engine, 1, isShared)));
  const byteProducts = probe ? tested(probe.dotOfPair as DotOfPair) : "none";
  return {
    kind: "wasm",
    instructions: INSTRUCTIONS[byteProducts],
    byteProducts,
    signProducts: probe ? "relaxed look-ups" : "look-ups",
    hasColumns: true,
    block: 8,
    lanes: 4,
    tileRows: 4,
    // Most of the first-level cache.
    blockBytes: 24576,
    threads,
    leastPartNs: 6000,
    createMemory: (bytes) => createMemory(engine, bytes, isShared),
    start: async (memory, jobs): Promise<JobRunner> => {
      const kernels = await instantiateKernels(modules, memory);
      if (!isShared) return wholeJobs(kernels, jobs);
      return startTeam({ modules, memory, jobs }, { kernels, threads, program: worker });
    },
  };
};

const loading = new Map<number, Promise<KernelTarget | null>>();

/**
 * Compiles the modules once for some threads; null if they are not built, or the engine has no WebAssembly with SIMD. Several
 * threads need memory that they can share (threadsToUse).
 */
export const wasmKernels = (threads = 1): Promise<KernelTarget | null> => {
  const known = loading.get(threads) ?? load(threads);
  loading.set(threads, known);
  return known;
};
