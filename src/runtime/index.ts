/**
 * `qprune/runtime`: classifies images with packed nets (docs/runtime.md), in Node.js, pages and workers, without TensorFlow.
 */
import { type EngineKind, type PlanEngine, referenceEngine } from "./engine.js";
import { createModel, type RuntimeModel } from "./model.js";
import { compilePlan } from "./plan/compile.js";
import type { Plan } from "./plan/plan.js";
import { readPacked } from "./reading/read-packed.js";
import { type ModelSource, readSource } from "./reading/read-source.js";
import { wasmModules } from "./wasm/modules.js";
import { wasmEngine } from "./wasm/wasm-engine.js";

export { QpruneError, type QpruneErrorOptions } from "../base/errors.js";
export type { EngineKind } from "./engine.js";
export type { ClassScore, Prediction, RuntimeModel } from "./model.js";
export type { LayerInfo, ModelInfo } from "./model-info.js";
export type { ImageInput, RgbaImage } from "./prepare-images.js";
export type { ModelSource } from "./reading/read-source.js";

export interface LoadOptions {
  /** The kernels to compute with; by default the fastest that are available. */
  readonly kernels?: Exclude<EngineKind, "native">;
}

const engineOf = async (plan: Plan, { kernels }: LoadOptions): Promise<PlanEngine> => {
  const modules = kernels === "reference" ? null : await wasmModules();
  return modules ? wasmEngine(plan, modules) : referenceEngine(plan);
};

/**
 * Loads a packed net: the bytes of a file of `qprune export --format packed`, its address, or in Node.js its path.
 * @throws QpruneError if it cannot be read, is damaged, or is no packed file.
 */
export const loadModel = async (
  source: ModelSource,
  options: LoadOptions = {},
): Promise<RuntimeModel> => {
  const { name, bytes } = await readSource(source);
  const net = readPacked(bytes, name);
  const plan = compilePlan(net.model);
  const engine = await engineOf(plan, options);
  return createModel({ net, plan, engine, fileBytes: bytes.length });
};
