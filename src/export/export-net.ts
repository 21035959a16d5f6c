import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { Manifest } from "../checkpoint/manifest.js";
import { mergedState, readMergedWeights } from "../checkpoint/merged-state.js";
import type { StateDict } from "../checkpoint/net-state.js";
import { readNetWeights, weightsState } from "../checkpoint/net-weights.js";
import { bakeWeights } from "../models/bake-weights.js";
import type { NetWeights } from "../models/conv-weights.js";
import type { MergedWeights } from "../models/merged-weights.js";
import type { NetSpec } from "../models/spec.js";

interface ExportedFacts {
  readonly spec: NetSpec;
  readonly dataSet: Manifest["dataSet"];
  /** Percent of the test images, if the file records it. */
  readonly accuracy: number | undefined;
  readonly epoch: number;
}

/** A net to export: its weights, already quantized, as plain numbers, and what is known about it. */
export type ExportNet =
  | (ExportedFacts & { readonly form: "baked"; readonly weights: NetWeights })
  | (ExportedFacts & { readonly form: "merged"; readonly weights: MergedWeights });

export interface ExportNetOptions {
  /** The spec recorded in the file, or identified from its state dict. */
  readonly spec: NetSpec;
  /** The training data, for a file without a manifest. */
  readonly dataSet: Manifest["dataSet"];
}

/**
 * The net of a checkpoint for exporting. Latent weights are quantized, which needs an engine; nets with quantized
 * weights or folded batch norms stay unchanged.
 * @throws QpruneError naming the first tensor that is missing or does not have the shape of the spec.
 */
export const exportNetOf = (
  checkpoint: Checkpoint,
  { spec, dataSet }: ExportNetOptions,
): ExportNet => {
  const { manifest } = checkpoint;
  const about = {
    dataSet: manifest?.dataSet ?? dataSet,
    accuracy: manifest?.accuracy,
    epoch: manifest?.epoch ?? 0,
  };
  if (spec.form === "merged") {
    return { ...about, form: "merged", spec, weights: readMergedWeights(checkpoint, spec) };
  }
  const baked = bakeWeights(spec, readNetWeights(checkpoint, spec));
  return { ...about, form: "baked", ...baked };
};

/** The manifest of an exported file; `version` is the package's. */
export const manifestOf = (
  { spec, dataSet, accuracy, epoch }: ExportNet,
  version: string,
): Manifest => ({ spec, dataSet, accuracy, epoch, isFinished: true, version });

/** The dense state dict of a net: float32 kernels, with PyTorch's names and order. */
export const denseState = (net: ExportNet): StateDict =>
  net.form === "merged" ? mergedState(net.spec, net.weights) : weightsState(net.spec, net.weights);

/** Bytes of a dense state dict's float32 values, without the redundant scales of merged DoReFa kernels. */
export const float32Bytes = (state: StateDict): number =>
  [...state]
    .filter(([name, { dtype }]) => dtype === "F32" && !name.endsWith(".weight_scale"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
