import type { ConvWeights, NetWeights } from "../models/conv-weights.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { shuffledPosition } from "./channel-cells.js";
import type { PrunePlan } from "./plan.js";
import { smallerSpec } from "./smaller-spec.js";

const identity = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

const pick = (values: Float32Array, keep: readonly number[]): Float32Array =>
  Float32Array.from(keep, (at) => values[at] as number);

/**
 * The old input position of each new one, behind the shuffle in front of the reading convolution.
 * Example: 8 channels shuffled by 2 (0 4 1 5 2 6 3 7) of which [1, 3, 4, 6] stay: new positions hold the new
 * channels 0 2 1 3, which were the old 1 4 3 6, at the old positions 2, 1, 6, 5.
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
  /** Old number of each new filter. */
  readonly filters: readonly number[];
  /** Old position of each new input. */
  readonly inputs: readonly number[];
  /** Sizes of the old kernel. */
  readonly inputsPerGroup: number;
  readonly area: number;
  readonly groups: number;
}

/** Slices a kernel [out, in / groups, area]: each group's filters by that group's own inputs. */
const sliceKernel = (kernel: Float32Array, cut: KernelCut): Float32Array => {
  const { filters, inputs, inputsPerGroup, area, groups } = cut;
  const newPerGroup = inputs.length / groups;
  const filtersPerGroup = filters.length / groups;
  const sliced = new Float32Array(filters.length * newPerGroup * area);
  let to = 0;
  filters.forEach((old, filter) => {
    const group = Math.floor(filter / filtersPerGroup);
    for (let at = 0; at < newPerGroup; at++) {
      const position = inputs[group * newPerGroup + at] as number;
      const from = (old * inputsPerGroup + position - group * inputsPerGroup) * area;
      sliced.set(kernel.subarray(from, from + area), to);
      to += area;
    }
  });
  return sliced;
};

/**
 * The weights of the smaller net: every kernel sliced by the filters that stay and by the inputs that
 * stay, biases and norms sliced, filters in the order that the plan gives the channels.
 * Example: a 1x1 kernel [[1, 2], [3, 4]] whose second filter stays and whose first input stays is [[3]].
 */
export const transplant = (spec: NetSpec, weights: NetWeights, plan: PrunePlan): NetWeights => {
  const smaller = smallerSpec(spec, plan);
  return weights.map((conv, at): ConvWeights => {
    const { kernel, width, groups, shuffle } = spec.convs[at] as ConvSpec;
    const oldInputs = inputChannels(spec, at);
    const keptInputs = plan.layers[at - 1]?.keep ?? identity(inputChannels(smaller, at));
    const filters = plan.layers[at]?.keep ?? identity(width);
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
