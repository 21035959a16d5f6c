import type { NetWeights } from "../models/chains/conv-weights.js";
import type { PrunePlan } from "./plan.js";

const zeroExcept = (values: Float32Array, keep: ReadonlySet<number>): Float32Array =>
  values.map((value, index) => (keep.has(index) ? value : 0));

/**
 * The net in its original size with the pruned channels masked: their gammas and betas are 0, as the reference scripts test
 * a net before they build the smaller one. With `betas: "stay"` only the gammas are 0.
 */
export const maskWeights = (
  weights: NetWeights,
  { layers }: PrunePlan,
  betas: "go" | "stay" = "go",
): NetWeights =>
  weights.map((conv, index) => {
    const layer = layers[index];
    if (!layer || !conv.affine) return conv;
    const keep = new Set(layer.keep);
    const { gamma, beta } = conv.affine;
    const affine = {
      gamma: zeroExcept(gamma, keep),
      beta: betas === "go" ? zeroExcept(beta, keep) : beta,
    };
    return { ...conv, affine };
  });
