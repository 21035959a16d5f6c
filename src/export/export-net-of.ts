import type { Checkpoint } from "../checkpoint/checkpoint.js";
import type { Manifest } from "../checkpoint/manifest.js";
import { readMergedWeights } from "../checkpoint/merged-state.js";
import { readNetWeights } from "../checkpoint/net-weights.js";
import { bakeWeights } from "../models/bake-weights.js";
import type { NetSpec } from "../models/spec.js";
import type { ExportNet } from "./export-net.js";

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
