import { slide } from "../../base/sliding-window.js";
import { MAX_OUTPUTS_PER_IMAGE, MAX_PARAMETERS } from "../../graph/limits.js";
import { evenly } from "../../graph/window.js";
import { type ChainSpec, type ConvSpec, inputChannels } from "./chain-spec.js";

/** The extent of a chain from its input to some convolution. */
export interface NetExtent {
  /** Height and width of the map after it; 0 if nothing is left of the image. */
  readonly sides: readonly number[];
  /** Weights and biases up to it. */
  readonly parameters: number;
  /** Outputs of the convolutions up to it, for one image. */
  readonly outputs: number;
}

/** The side of a map after a pool. */
const pooledSide = (side: number, { size, stride, pad }: NonNullable<ConvSpec["pool"]>): number =>
  slide(side, side, { kernel: [size, size], stride: [stride, stride], padding: evenly(pad) })[0];

/** The extent before the first convolution. */
export const startExtent = ({ input }: ChainSpec): NetExtent => ({
  sides: [input.height, input.width],
  parameters: 0,
  outputs: 0,
});

/** The extent after convolution `index` and its pool, from the extent before it. */
export const extendBy = (spec: ChainSpec, index: number, before: NetExtent): NetExtent => {
  const { width, kernel, pad, groups, pool } = spec.convs[index] as ConvSpec;
  const convolved = before.sides.map((side) => Math.max(0, side + 2 * pad - kernel + 1));
  const weights = (kernel ** 2 * inputChannels(spec, index) * width) / groups;
  return {
    sides: pool ? convolved.map((side) => side && pooledSide(side, pool)) : convolved,
    parameters: before.parameters + weights + width,
    outputs: before.outputs + convolved.reduce((area, side) => area * side, width),
  };
};

/** Why a chain is impossible after convolution `index`; undefined if it is possible. */
export const extentProblem = (extent: NetExtent, index: number): string | undefined => {
  const { sides, parameters, outputs } = extent;
  if (Math.min(...sides) < 1) return `after convolution ${index} nothing is left of the image`;
  if (parameters > MAX_PARAMETERS) {
    return `up to convolution ${index} it has ${parameters} parameters (at most ${MAX_PARAMETERS})`;
  }
  if (outputs > MAX_OUTPUTS_PER_IMAGE) {
    return `up to convolution ${index} it has ${outputs} outputs per image (at most ${MAX_OUTPUTS_PER_IMAGE})`;
  }
  return undefined;
};
