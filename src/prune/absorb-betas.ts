import { type ChainSpec, type ConvSpec, inputChannels } from "../models/chains/chain-spec.js";
import type { ConvWeights, NetWeights } from "../models/chains/conv-weights.js";
import { shuffledPosition } from "./channel-groups.js";
import type { PrunePlan } from "./plan.js";

/** Why the constants of pruned channels were not folded into a bias: it would not be exact, or was not requested. */
export type DroppedBecause = "padding" | "average pool" | "quantization" | "unwanted";

/** What became of the constant outputs of the channels pruned from one convolution. */
export interface BetaReport {
  /** Index of the convolution whose channels were pruned. */
  readonly conv: number;
  /** Pruned channels with a constant output other than 0: relu(beta) > 0. */
  readonly channels: number;
  /** Undefined if the constants were folded into the bias of the next convolution. */
  readonly droppedBecause: DroppedBecause | undefined;
  /** Largest change of an output of the next convolution, in standard deviations of that output. */
  readonly effect: number;
}

const whyDropped = (spec: ChainSpec, index: number): DroppedBecause | undefined => {
  const consumer = spec.convs[index + 1] as ConvSpec;
  const pool = spec.convs[index]?.pool;
  const { weights, activations } = spec.quantization;
  if (consumer.isQuantized && (weights.kind !== "float" || activations.kind !== "float")) {
    return "quantization";
  }
  if (pool?.kind === "average" && pool.pad > 0) return "average pool";
  return consumer.pad > 0 ? "padding" : undefined;
};

/** The constant outputs of pruned channels, by channel: with a gamma of 0 the norm gives beta, and the ReLU relu(beta). */
const constants = (conv: ConvWeights, keep: ReadonlySet<number>): Map<number, number> => {
  const beta = conv.affine?.beta ?? new Float32Array();
  return new Map([...beta.entries()].filter(([channel, value]) => value > 0 && !keep.has(channel)));
};

/** The sum of each filter's weights times the constants of its inputs. */
const constantOutputs = (
  spec: ChainSpec,
  consumer: number,
  kernel: Float32Array,
  inputs: ReadonlyMap<number, number>,
): Float64Array => {
  const { width, groups, shuffle, kernel: side } = spec.convs[consumer] as ConvSpec;
  const area = side * side;
  const channels = inputChannels(spec, consumer);
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
 * Folds the constant outputs of pruned channels, relu(beta), into the biases of the next convolutions where that is exact:
 * after a ReLU, before a convolution without padding, and with no padded average pool in between. Elsewhere the constants
 * are dropped, as the reference scripts drop all of them. It takes the weights before the plan is applied (see pruneWeights).
 * Where everything is folded, the small net equals the large one with gammas of 0.
 * Example: a pruned channel with beta 0.5 that a 1x1 filter weights with -2 adds -1 to the filter's bias.
 */
export const absorbBetas = (
  spec: ChainSpec,
  weights: NetWeights,
  { layers }: PrunePlan,
  isWanted = true,
): { readonly weights: NetWeights; readonly reports: readonly BetaReport[] } => {
  const moved = [...weights];
  const reports = layers.flatMap(({ conv: index, keep }): BetaReport[] => {
    const consumer = moved[index + 1] as ConvWeights;
    const inputs = constants(weights[index] as ConvWeights, new Set(keep));
    if (inputs.size === 0) return [];
    const sums = constantOutputs(spec, index + 1, consumer.kernel, inputs);
    const staying = layers[index + 1]?.keep ?? [...sums.keys()];
    const effect = Math.max(
      ...staying.map((filter) => {
        const variance = (consumer.movingVariance[filter] as number) + spec.norm.epsilon;
        return Math.abs(sums[filter] as number) / Math.sqrt(variance);
      }),
    );
    const droppedBecause = isWanted ? whyDropped(spec, index) : "unwanted";
    if (droppedBecause === undefined) {
      const bias = consumer.bias.map((value, filter) => value + (sums[filter] as number));
      moved[index + 1] = { ...consumer, bias };
    }
    return [{ conv: index, channels: inputs.size, droppedBecause, effect }];
  });
  return { weights: moved, reports };
};
