import type { Kernels } from "../kernels/kernel-target.js";
import { type WasmMemory, type WasmModule, webAssembly } from "./web-assembly.js";

/** The compiled modules. */
export interface KernelModules {
  readonly kernels: WasmModule;
  /** Null if the engine has no relaxed SIMD. */
  readonly relaxed: WasmModule | null;
}

const noProducts = (): never => {
  throw new Error("This engine has no relaxed SIMD.");
};

/** What a module exports on a memory. */
export const exportsOf = async (
  module: WasmModule,
  memory: WasmMemory,
  others: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<Readonly<Record<string, unknown>>> => {
  if (!webAssembly) throw new Error("This engine has no WebAssembly.");
  const { exports } = await webAssembly.instantiate(module, { env: { memory }, ...others });
  return exports;
};

/** The kernels on a memory. */
export const instantiateKernels = async (
  { kernels, relaxed }: KernelModules,
  memory: WasmMemory,
): Promise<Kernels> => {
  const products = {
    ...{ multiplyBytes: noProducts, multiplyToCodes: noProducts, sumByteWindows: noProducts },
    multiplySigns: noProducts,
    ...(relaxed && (await exportsOf(relaxed, memory))),
  };
  const own = await exportsOf(kernels, memory, { relaxed: products });
  // The module exports what wasm/assembly/kernels.ts lists.
  return own as unknown as Kernels;
};
