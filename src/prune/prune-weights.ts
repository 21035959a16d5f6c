import { type ChainSpec, type ConvSpec, inputChannels } from "../models/chains/chain-spec.js";
import type { ConvWeights, NetWeights } from "../models/chains/conv-weights.js";
import { shuffledPosition } from "./channel-groups.js";
import type { PrunePlan } from "./plan.js";
import { prunedSpec } from "./pruned-spec.js";

const identity = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const pick = (values: Float32Array, keep: readonly number[]): Float32Array =>
  Float32Array.from(keep, (index) => values[index] as number);

/**
 * The old input position of each new one, after the shuffle before the consuming convolution.
 * Example: 8 channels shuffled by 2 (0 4 1 5 2 6 3 7) of which [1, 3, 4, 6] stay: the new positions have the new channels
 * 0 2 1 3, which were the old channels 1 4 3 6, at the old positions 2, 1, 6, 5.
 */
export const inputPositions = (
  keep: readonly number[],
  oldWidth: number,
  shuffle: number,
): number[] => {
  const positions: number[] = new Array(keep.length);
  keep.forEach((old, channel) => {
    positions[shuffledPosition(channel, keep.length, shuffle)] = shuffledPosition(
      old,
      oldWidth,
      shuffle,
    );
  });
  return positions;
};

interface KernelCut {
  /** Old index of each new filter. */
  readonly filters: readonly number[];
  /** Old position of each new input. */
  readonly inputs: readonly number[];
  /** Sizes of the old kernel. */
  readonly inputsPerGroup: number;
  readonly area: number;
  readonly groups: number;
}

/** Slices a kernel [out, in / groups, area]: the filters of each group by that group's own inputs. */
const sliceKernel = (kernel: Float32Array, cut: KernelCut): Float32Array => {
  const { filters, inputs, inputsPerGroup, area, groups } = cut;
  const newPerGroup = inputs.length / groups;
  const filtersPerGroup = filters.length / groups;
  const sliced = new Float32Array(filters.length * newPerGroup * area);
  let to = 0;
  filters.forEach((old, filter) => {
    const group = Math.floor(filter / filtersPerGroup);
    for (let index = 0; index < newPerGroup; index++) {
      const position = inputs[group * newPerGroup + index] as number;
      const from = (old * inputsPerGroup + position - group * inputsPerGroup) * area;
      sliced.set(kernel.subarray(from, from + area), to);
      to += area;
    }
  });
  return sliced;
};

/**
 * Applies a plan to the weights: slices every kernel by the kept filters and inputs, and biases and norms by the kept
 * filters, in the plan's order of channels.
 * Example: a 1x1 kernel [[1, 2], [3, 4]] whose second filter and first input stay becomes [[3]].
 */
export const pruneWeights = (spec: ChainSpec, weights: NetWeights, plan: PrunePlan): NetWeights => {
  const smaller = prunedSpec(spec, plan);
  return weights.map((conv, index): ConvWeights => {
    const { kernel, width, groups, shuffle } = spec.convs[index] as ConvSpec;
    const oldInputs = inputChannels(spec, index);
    const keptInputs = plan.layers[index - 1]?.keep ?? identity(inputChannels(smaller, index));
    const filters = plan.layers[index]?.keep ?? identity(width);
    const cut = {
      filters,
      inputs: inputPositions(keptInputs, oldInputs, shuffle),
      inputsPerGroup: oldInputs / groups,
      area: kernel * kernel,
      groups,
    };
    return {
      kernel: sliceKernel(conv.kernel, cut),
      bias: pick(conv.bias, filters),
      affine: conv.affine && {
        gamma: pick(conv.affine.gamma, filters),
        beta: pick(conv.affine.beta, filters),
      },
      movingMean: pick(conv.movingMean, filters),
      movingVariance: pick(conv.movingVariance, filters),
      ...(conv.codes && { codes: sliceKernel(conv.codes, cut) }),
    };
  });
};
