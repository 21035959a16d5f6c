/**
 * `qprune/runtime`: classifies images with packed nets (docs/runtime.md), in Node.js, pages and workers, without TensorFlow.
 */
import { parseSafetensors } from "../formats/safetensors/parse-safetensors.js";
import { type LoadOptions, loadPacked } from "./load-packed.js";
import type { RuntimeModel } from "./model.js";
import { type ModelSource, readSource } from "./reading/read-source.js";

export { QpruneError, type QpruneErrorOptions } from "../base/errors.js";
export type { EngineKind } from "./engine.js";
export type { LoadOptions } from "./load-packed.js";
export type { ClassScore, Prediction, RuntimeModel } from "./model.js";
export type { LayerInfo, ModelInfo } from "./model-info.js";
export type { ImageInput, RgbaImage } from "./prepare-images.js";
export type { ModelSource } from "./reading/read-source.js";
export type { ThreadsOption } from "./wasm/threads/threads-to-use.js";

/**
 * Loads a packed net: the bytes of a file of `qprune export --format packed`, its address, or in Node.js its path.
 * @throws QpruneError if it cannot be read, is damaged, or is no packed file.
 */
export const loadModel = async (
  source: ModelSource,
  options: LoadOptions = {},
): Promise<RuntimeModel> => {
  const { name, bytes } = await readSource(source);
  const file = parseSafetensors(bytes, name);
  const { model } = await loadPacked({ file, bytes: bytes.length, name }, options);
  return model;
};
