import { pooledSide } from "../tensor/ops/pool.js";
import { MAX_OUTPUTS_PER_IMAGE, MAX_PARAMETERS } from "./limits.js";
import { type ConvSpec, inputChannels, type NetSpec } from "./spec.js";

/** What a chain holds up to some convolution. */
export interface NetExtent {
  /** Height and width of the map behind it; 0 where nothing is left of the image. */
  readonly sides: readonly number[];
  /** Weights and biases so far. */
  readonly parameters: number;
  /** Outputs of the convolutions so far, for one image. */
  readonly outputs: number;
}

/** The extent before the first convolution. */
export const startExtent = ({ input }: NetSpec): NetExtent => ({
  sides: [input.height, input.width],
  parameters: 0,
  outputs: 0,
});

/** The extent with convolution `at` and its pool. */
export const extendBy = (spec: NetSpec, at: number, before: NetExtent): NetExtent => {
  const { width, kernel, pad, groups, pool } = spec.convs[at] as ConvSpec;
  const convolved = before.sides.map((side) => Math.max(0, side + 2 * pad - kernel + 1));
  const weights = (kernel ** 2 * inputChannels(spec, at) * width) / groups;
  return {
    sides: pool ? convolved.map((side) => side && pooledSide(side, pool)) : convolved,
    parameters: before.parameters + weights + width,
    outputs: before.outputs + convolved.reduce((area, side) => area * side, width),
  };
};

/** What is wrong with the extent of a chain behind convolution `at`, or undefined. */
export const extentProblem = (extent: NetExtent, at: number): string | undefined => {
  const { sides, parameters, outputs } = extent;
  if (Math.min(...sides) < 1) return `behind convolution ${at} nothing is left of the image`;
  if (parameters > MAX_PARAMETERS) {
    return `with convolution ${at} it has ${parameters} parameters (at most ${MAX_PARAMETERS})`;
  }
  if (outputs > MAX_OUTPUTS_PER_IMAGE) {
    return `with convolution ${at} it has ${outputs} outputs an image (at most ${MAX_OUTPUTS_PER_IMAGE})`;
  }
  return undefined;
};
