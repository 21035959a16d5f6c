import { fromBase64 } from "../../base/base64.js";
import type { ByteProducts, Kernels, KernelTarget } from "../kernels/kernel-target.js";
import { BINARIES } from "./binaries.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.js";

const PAGE_BYTES = 65536;

const INSTRUCTIONS = {
  none: "WebAssembly SIMD",
  "seven bits": "WebAssembly SIMD, byte products of 7 bits",
  "pairs of 16 bits": "WebAssembly SIMD, byte products in pairs of 16 bits",
  "eight bits": "WebAssembly SIMD, byte products of 8 bits",
} as const;

type WebAssembly = NonNullable<typeof webAssembly>;

const compiled = async (engine: WebAssembly, text: string): Promise<WasmModule | null> => {
  const bytes = fromBase64(text);
  return engine.validate(bytes) ? engine.compile(bytes) : null;
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

const noProducts = (): never => {
  throw new Error("This engine has no products of bytes.");
};

const load = async (): Promise<KernelTarget | null> => {
  if (!BINARIES || !webAssembly) return null;
  const engine = webAssembly;
  const kernels = await compiled(engine, BINARIES.kernels);
  if (!kernels) return null;
  const relaxed = await compiled(engine, BINARIES.relaxed);
  const relaxedOn = async (memory: WasmMemory) =>
    relaxed && (await engine.instantiate(relaxed, { env: { memory } })).exports;
  const probe = await relaxedOn(new engine.Memory({ initial: 1 }));
  const byteProducts = probe ? tested(probe.dotOfPair as DotOfPair) : "none";
  return {
    kind: "wasm",
    instructions: INSTRUCTIONS[byteProducts],
    byteProducts,
    block: 8,
    lanes: 4,
    tileRows: 4,
    // Most of the first-level cache.
    blockBytes: 24576,
    createMemory: (bytes) => {
      const pages = Math.ceil(bytes / PAGE_BYTES);
      return new engine.Memory({ initial: pages, maximum: pages });
    },
    instantiate: async (memory) => {
      const multiplyBytes = (await relaxedOn(memory))?.multiplyBytes ?? noProducts;
      const imports = { env: { memory }, relaxed: { multiplyBytes } };
      // The module exports what wasm/assembly/kernels.ts lists.
      return (await engine.instantiate(kernels, imports)).exports as unknown as Kernels;
    },
  };
};

let loading: Promise<KernelTarget | null> | undefined;

/** Compiles the modules once; null if they are not built, or the engine has no WebAssembly with SIMD. */
export const wasmKernels = (): Promise<KernelTarget | null> => {
  loading ??= load();
  return loading;
};
