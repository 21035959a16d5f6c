import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { Manifest } from "../checkpoint/manifest.js";
import { readModel } from "../checkpoint/read-model.js";
import { modelState } from "../checkpoint/tensors/model-state.js";
import type { StateDict } from "../checkpoint/tensors/net-state.js";
import type { Model } from "../graph/model.js";
import { graphOf, type NetSpec, specOfModel } from "../models/net-spec.js";
import { bakeWeights } from "../passes/bake-weights.js";

/** A net to export: its numbers with quantized weights, and what is known about it. */
export interface ExportNet {
  /** In the form of its model: `baked` or `merged`. */
  readonly spec: NetSpec;
  readonly model: Model;
  readonly dataSet: Manifest["dataSet"];
  /** Percent of the test images, if the file records it. */
  readonly accuracy: number | undefined;
  readonly epoch: number;
}

export interface ExportNetOptions {
  /** The spec recorded in the file, or identified from its state dict. */
  readonly spec: NetSpec;
  /** The training data, for a file without a manifest. */
  readonly dataSet: Manifest["dataSet"];
}

/**
 * The net of a checkpoint for exporting. Latent weights are quantized, which needs an engine; nets with quantized
 * weights or folded batch norms stay unchanged.
 * @throws QpruneError naming the first tensor that is missing or does not fit its node, or the first weight that is not on
 * the grid of its quantizer.
 */
export const exportNetOf = (
  checkpoint: Checkpoint,
  { spec, dataSet }: ExportNetOptions,
): ExportNet => {
  const { manifest } = checkpoint;
  const model = bakeWeights(readModel(checkpoint, graphOf(spec)));
  return {
    spec: specOfModel(spec, model, spec.form === "merged" ? "merged" : "baked"),
    model,
    dataSet: manifest?.dataSet ?? dataSet,
    accuracy: manifest?.accuracy,
    epoch: manifest?.epoch ?? 0,
  };
};

/** The manifest of an exported file; `version` is the package's. */
export const manifestOf = (
  { spec, dataSet, accuracy, epoch }: ExportNet,
  version: string,
): Manifest => ({ spec, dataSet, accuracy, epoch, isFinished: true, version });

/** The dense state dict of a net: float32 kernels, with PyTorch's names and order. */
export const denseState = ({ model }: ExportNet): StateDict => modelState(model);

/** Bytes of a dense state dict's float32 values, without the redundant scales of merged DoReFa kernels. */
export const float32Bytes = (state: StateDict): number =>
  [...state]
    .filter(([name, { dtype }]) => dtype === "F32" && !name.endsWith(".weight_scale"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
