import type { ConvWeights, NetWeights } from "../models/conv-weights.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { shuffledPosition } from "./channel-cells.js";
import type { PrunePlan } from "./plan.js";

/** Why what pruned channels still said was not moved into a bias: it is not exact there, or not asked for. */
export type DroppedBecause = "padding" | "average pool" | "quantization" | "unwanted";

/** What became of the constants that the pruned channels of one convolution leave behind. */
export interface BetaReport {
  /** Number of the convolution whose channels were pruned. */
  readonly conv: number;
  /** Pruned channels that say something other than 0: relu(beta) > 0. */
  readonly channels: number;
  /** Undefined where the next convolution's bias took the constants in. */
  readonly droppedBecause: DroppedBecause | undefined;
  /** Largest change of an output of the next convolution, in standard deviations of that output. */
  readonly effect: number;
}

const whyDropped = (spec: NetSpec, at: number): DroppedBecause | undefined => {
  const reader = spec.convs[at + 1] as ConvSpec;
  const pool = spec.convs[at]?.pool;
  const { weights, activations } = spec.quantization;
  if (reader.isQuantized && (weights.kind !== "float" || activations.kind !== "float")) {
    return "quantization";
  }
  if (pool?.kind === "average" && pool.pad > 0) return "average pool";
  return reader.pad > 0 ? "padding" : undefined;
};

/** What a pruned channel says at every place: its norm gives beta, the ReLU behind it relu(beta). */
const constants = (conv: ConvWeights, keep: ReadonlySet<number>): Map<number, number> => {
  const beta = conv.affine?.beta ?? new Float32Array();
  return new Map([...beta.entries()].filter(([channel, value]) => value > 0 && !keep.has(channel)));
};

/** The sum of each filter's weights times the constants of its inputs. */
const constantOutputs = (
  spec: NetSpec,
  reader: number,
  kernel: Float32Array,
  inputs: ReadonlyMap<number, number>,
): Float64Array => {
  const { width, groups, shuffle, kernel: side } = spec.convs[reader] as ConvSpec;
  const area = side * side;
  const channels = inputChannels(spec, reader);
  const [inputsPerGroup, filtersPerGroup] = [channels / groups, width / groups];
  const sums = new Float64Array(width);
  for (const [channel, value] of inputs) {
    const position = shuffledPosition(channel, channels, shuffle);
    const group = Math.floor(position / inputsPerGroup);
    const local = position - group * inputsPerGroup;
    for (let filter = group * filtersPerGroup; filter < (group + 1) * filtersPerGroup; filter++) {
      const start = (filter * inputsPerGroup + local) * area;
      for (let tap = start; tap < start + area; tap++) {
        sums[filter] = (sums[filter] as number) + (kernel[tap] as number) * value;
      }
    }
  }
  return sums;
};

/**
 * Moves what pruned channels still say through their betas into the biases of the convolutions that read
 * them, where that is exact: behind a ReLU, in front of an unpadded convolution, and with no padded
 * average pool between. Elsewhere it is dropped, as the original drops all of it. For the net of the old
 * size; transplant it afterwards. Where absorbed, the small net equals the old one with gammas of 0.
 * Example: a pruned channel with beta 0.5 that a 1x1 filter reads with weight -2 adds -1 to its bias.
 */
export const absorbBetas = (
  spec: NetSpec,
  weights: NetWeights,
  { layers }: PrunePlan,
  isWanted = true,
): { readonly weights: NetWeights; readonly reports: readonly BetaReport[] } => {
  const moved = [...weights];
  const reports = layers.flatMap(({ conv: at, keep }): BetaReport[] => {
    const reader = moved[at + 1] as ConvWeights;
    const said = constants(weights[at] as ConvWeights, new Set(keep));
    if (said.size === 0) return [];
    const sums = constantOutputs(spec, at + 1, reader.kernel, said);
    const staying = layers[at + 1]?.keep ?? [...sums.keys()];
    const effect = Math.max(
      ...staying.map((filter) => {
        const variance = (reader.movingVariance[filter] as number) + spec.norm.epsilon;
        return Math.abs(sums[filter] as number) / Math.sqrt(variance);
      }),
    );
    const droppedBecause = isWanted ? whyDropped(spec, at) : "unwanted";
    if (droppedBecause === undefined) {
      const bias = reader.bias.map((value, filter) => value + (sums[filter] as number));
      moved[at + 1] = { ...reader, bias };
    }
    return [{ conv: at, channels: said.size, droppedBecause, effect }];
  });
  return { weights: moved, reports };
};
