import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { Manifest } from "../checkpoint/manifest.js";
import { mergedState, readMergedWeights } from "../checkpoint/merged-state.js";
import type { StateDict } from "../checkpoint/net-state.js";
import { readNetWeights, weightsState } from "../checkpoint/net-weights.js";
import { bakeWeights } from "../models/bake-weights.js";
import type { NetWeights } from "../models/conv-weights.js";
import type { MergedWeights } from "../models/merged-weights.js";
import type { NetSpec } from "../models/spec.js";

interface About {
  readonly spec: NetSpec;
  readonly dataSet: Manifest["dataSet"];
  /** Percent of the test images, where the file tells it. */
  readonly accuracy: number | undefined;
  readonly epoch: number;
}

/** A net as it is exported: its quantized weights themselves, as plain numbers, and what is known of it. */
export type ExportNet =
  | (About & { readonly form: "baked"; readonly weights: NetWeights })
  | (About & { readonly form: "merged"; readonly weights: MergedWeights });

export interface ExportNetOptions {
  /** The file's own, or what its state dict was recognised as. */
  readonly spec: NetSpec;
  /** What the file was trained on, where its manifest does not tell. */
  readonly dataSet: Manifest["dataSet"];
}

/**
 * The net of a checkpoint as it is exported: latent weights are baked, which needs an engine; baked and
 * merged nets stay what they are.
 * @throws QpruneError naming the first tensor that is missing or has another shape than the spec says.
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

/** The manifest of an exported file; `version` is that of the package. */
export const manifestOf = (
  { spec, dataSet, accuracy, epoch }: ExportNet,
  version: string,
): Manifest => ({ spec, dataSet, accuracy, epoch, isFinished: true, version });

/** The state dict of a net that is exported, its kernels in float32, in PyTorch's names and order. */
export const denseState = (net: ExportNet): StateDict =>
  net.form === "merged" ? mergedState(net.spec, net.weights) : weightsState(net.spec, net.weights);

/** Bytes of a dense state dict's float32 values; the scales of merged DoReFa kernels, which repeat them, do not count. */
export const float32Bytes = (state: StateDict): number =>
  [...state]
    .filter(([name, { dtype }]) => dtype === "F32" && !name.endsWith(".weight_scale"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
