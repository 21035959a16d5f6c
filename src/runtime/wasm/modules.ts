import { fromBase64 } from "../../base/base64.js";
import { BINARIES } from "./binaries.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.js";

/** What an engine's dot product of bytes does with codes above 127, which the standard leaves open. */
export type ByteProducts =
  /** There is no such instruction. */
  | "none"
  /** Exact for codes up to 127 only. */
  | "seven bits"
  /** Exact as long as the sum of two neighboring products fits into 16 bits. */
  | "pairs of 16 bits"
  | "eight bits";

/** Arguments are addresses and counts. */
type Kernel = (...numbers: number[]) => void;

/** The functions of wasm/assembly/kernels.ts. */
export interface Kernels {
  readonly convolve: Kernel;
  readonly convolveDepthwise: Kernel;
  readonly packInput: Kernel;
  readonly poolCodes: Kernel;
  readonly poolFloats: Kernel;
  readonly addFloats: Kernel;
  readonly lookUp: Kernel;
  readonly prelu: Kernel;
  readonly copyChannels: Kernel;
  readonly finishValues: Kernel;
}

/** The compiled modules of this package, and what the engine can do. */
export interface WasmModules {
  readonly byteProducts: ByteProducts;
  /** A memory of a number of pages. */
  readonly createMemory: (pages: number) => WasmMemory;
  /** The kernels on a memory. */
  readonly instantiate: (memory: WasmMemory) => Promise<Kernels>;
}

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

const load = async (): Promise<WasmModules | null> => {
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
    byteProducts,
    createMemory: (pages) => new engine.Memory({ initial: pages, maximum: pages }),
    instantiate: async (memory) => {
      const multiplyBytes = (await relaxedOn(memory))?.multiplyBytes ?? noProducts;
      const imports = { env: { memory }, relaxed: { multiplyBytes } };
      // The module exports what wasm/assembly/kernels.ts lists.
      return (await engine.instantiate(kernels, imports)).exports as unknown as Kernels;
    },
  };
};

let loading: Promise<WasmModules | null> | undefined;

/** Compiles the modules once; null if they are not built, or the engine has no WebAssembly with SIMD. */
export const wasmModules = (): Promise<WasmModules | null> => {
  loading ??= load();
  return loading;
};
