import type { SafetensorsFile } from "../formats/safetensors/stored-tensor.js";
import { type EngineKind, type PlanEngine, referenceEngine } from "./engine.js";
import { kernelEngine } from "./kernels/kernel-engine.js";
import { createModel, type RuntimeModel } from "./model.js";
import { nativeKernels, type RuntimeAddon } from "./native/native-kernels.js";
import { compilePlan } from "./plan/compile.js";
import type { Plan } from "./plan/plan.js";
import { type PackedNet, readPacked } from "./reading/read-packed.js";
import { wasmKernels } from "./wasm/modules.js";
import { type ThreadsOption, threadsToUse } from "./wasm/threads/threads-to-use.js";

export interface LoadOptions {
  /** The kernels to compute with; by default the fastest that are available. */
  readonly kernels?: Exclude<EngineKind, "native">;
  /** The compiled native kernels (loadRuntimeAddon of `qprune`), which are then used; only in Node.js. */
  readonly addon?: RuntimeAddon | null;
  /**
   * Threads that compute in WebAssembly: a number (default 1), or `auto`, one for each core. They need a SharedArrayBuffer, which
   * pages have if they are cross-origin isolated; otherwise one thread computes, and `info` has the reason. Native kernels use
   * QPRUNE_THREADS.
   */
  readonly threads?: ThreadsOption;
}

const engineOf = async (
  plan: Plan,
  { kernels, addon, threads: asked = 1 }: LoadOptions,
): Promise<PlanEngine> => {
  const { threads, obstacle } = threadsToUse(asked);
  if (addon && !kernels) return kernelEngine(plan, nativeKernels(addon));
  const target = kernels === "reference" ? null : await wasmKernels(threads);
  if (!target) return referenceEngine(plan);
  const engine = await kernelEngine(plan, target);
  return obstacle ? { ...engine, obstacle } : engine;
};

/** The content of a packed file. */
export interface PackedFile {
  readonly file: SafetensorsFile;
  readonly bytes: number;
  /** For messages. */
  readonly name: string;
}

/** A loaded net, and what its file records. */
export interface LoadedNet {
  readonly net: PackedNet;
  readonly model: RuntimeModel;
}

/**
 * Prepares the net of a packed file to run.
 * @throws QpruneError if the file is damaged, or is no packed file.
 */
export const loadPacked = async (
  { file, bytes, name }: PackedFile,
  options: LoadOptions = {},
): Promise<LoadedNet> => {
  const net = readPacked(file, name);
  const plan = compilePlan(net.model);
  const engine = await engineOf(plan, options);
  return { net, model: createModel({ net, plan, engine, fileBytes: bytes }) };
};
