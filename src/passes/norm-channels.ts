import type { NodeOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import { weightNumbers } from "../quant/numbers/quantized-tensor.js";

/** The numbers of one channel of a batch norm. */
export interface NormChannel {
  readonly gamma: number;
  readonly beta: number;
  readonly mean: number;
  /** sqrt(variance + epsilon). */
  readonly deviation: number;
}

/** The numbers of a batch norm, channel by channel, as it computes: smaller gammas are raised to its minimum. */
export const channelsOfNorm = (
  { name, hasAffine, minGamma, epsilon }: NodeOf<"batchNorm">,
  weights: Model["weights"],
): NormChannel[] => {
  const read = (suffix: string): Float32Array => {
    const found = weights.get(`${name}.${suffix}`);
    if (!found) throw new Error(`The model lacks ${name}.${suffix}.`);
    return weightNumbers(found);
  };
  const [gammas, betas] = hasAffine ? [read("weight"), read("bias")] : [];
  const variances = read("running_var");
  return Array.from(read("running_mean"), (mean, channel) => {
    const gamma = gammas?.[channel] ?? 1;
    return {
      gamma: minGamma !== null && gammas ? Math.max(gamma, minGamma) : gamma,
      beta: betas?.[channel] ?? 0,
      mean,
      deviation: Math.sqrt((variances[channel] as number) + epsilon),
    };
  });
};
