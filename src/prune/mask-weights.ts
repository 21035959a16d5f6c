import type { NetWeights } from "../models/conv-weights.js";
import type { PrunePlan } from "./plan.js";

const zeroExcept = (values: Float32Array, keep: ReadonlySet<number>): Float32Array =>
  values.map((value, at) => (keep.has(at) ? value : 0));

/**
 * The net of its old size in which pruned channels say nothing: their gammas and betas are 0, as the
 * original tests a net before it builds the smaller one. With `betas: "stay"` only the gammas are.
 */
export const maskWeights = (
  weights: NetWeights,
  { layers }: PrunePlan,
  betas: "go" | "stay" = "go",
): NetWeights =>
  weights.map((conv, at) => {
    const layer = layers[at];
    if (!layer || !conv.affine) return conv;
    const keep = new Set(layer.keep);
    const { gamma, beta } = conv.affine;
    const affine = {
      gamma: zeroExcept(gamma, keep),
      beta: betas === "go" ? zeroExcept(beta, keep) : beta,
    };
    return { ...conv, affine };
  });
