import { QpruneError, type QpruneErrorOptions } from "../../base/errors.js";
import {
  MAX_CONVS,
  MAX_EPSILON,
  MAX_IMAGE_SIDE,
  MAX_KERNEL,
  MAX_POOL,
  MAX_WIDTH,
  MIN_EPSILON,
} from "../../graph/limits.js";
import { extendBy, extentProblem, startExtent } from "./chain-extent.js";
import { type ChainSpec, type ConvSpec, inputChannels } from "./chain-spec.js";

const poolProblem = ({ pool }: ConvSpec): string | undefined => {
  if (!pool) return undefined;
  if (pool.size > MAX_POOL) return `has a pool of ${pool.size} (at most ${MAX_POOL})`;
  if (pool.stride > MAX_POOL) return `has a pool of stride ${pool.stride} (at most ${MAX_POOL})`;
  if (pool.pad > pool.size / 2) {
    return `has a pool of ${pool.size} padded by ${pool.pad} (at most half of it)`;
  }
  return undefined;
};

const convProblem = (spec: ChainSpec, index: number): string | undefined => {
  const conv = spec.convs[index] as ConvSpec;
  const { width, kernel, pad, groups, shuffle, dropout } = conv;
  const inputs = inputChannels(spec, index);
  if (width > MAX_WIDTH) return `has ${width} channels (at most ${MAX_WIDTH})`;
  if (kernel > MAX_KERNEL) return `has a kernel of ${kernel} (at most ${MAX_KERNEL})`;
  if (pad >= kernel) return `pads by ${pad}, which must be less than its kernel of ${kernel}`;
  if (index === 0 && shuffle > 1) return `shuffles by ${shuffle}, but its input is the image`;
  if (index === 0 && dropout > 0) return `has a dropout of ${dropout}, but its input is the image`;
  if (inputs % groups !== 0 || width % groups !== 0) {
    return `has ${groups} groups, which do not divide its ${inputs} inputs and ${width} outputs`;
  }
  if (inputs % shuffle !== 0) return `shuffles ${inputs} channels by ${shuffle}`;
  return poolProblem(conv);
};

const chainProblem = (spec: ChainSpec): string | undefined => {
  let extent = startExtent(spec);
  for (let index = 0; index < spec.convs.length; index++) {
    const problem = convProblem(spec, index);
    if (problem) return `convolution ${index} ${problem}`;
    extent = extendBy(spec, index, extent);
    const overall = extentProblem(extent, index);
    if (overall) return overall;
  }
  return undefined;
};

/** Why a spec is not consistent; undefined if it is. */
const specProblem = (spec: ChainSpec): string | undefined => {
  const { convs, input, classes, norm } = spec;
  if (convs.length > MAX_CONVS) return `${convs.length} convolutions (at most ${MAX_CONVS})`;
  if (Math.max(input.height, input.width) > MAX_IMAGE_SIDE) {
    return `images of ${input.height}x${input.width} (at most ${MAX_IMAGE_SIDE})`;
  }
  if (convs.at(-1)?.width !== classes) {
    return `the last convolution has ${convs.at(-1)?.width} outputs for ${classes} classes`;
  }
  if (!(norm.epsilon >= MIN_EPSILON && norm.epsilon <= MAX_EPSILON)) {
    return `epsilon ${norm.epsilon} (${MIN_EPSILON} to ${MAX_EPSILON})`;
  }
  if (norm.minGamma !== null && !(Math.abs(norm.minGamma) <= 1)) return `minGamma ${norm.minGamma}`;
  return chainProblem(spec);
};

const DAMAGED = { hint: "Use another copy of the file, or correct the spec." };

/**
 * Checks that a spec is consistent, before anything is allocated for it.
 * @param where whose spec it is, for the message
 * @throws QpruneError with the given options that names the convolution (counted from 0) and the reason.
 */
export const checkSpec = (
  spec: ChainSpec,
  where: string,
  options: QpruneErrorOptions = DAMAGED,
): void => {
  const problem = specProblem(spec);
  if (problem !== undefined) {
    throw new QpruneError(`${where}: the net is not consistent: ${problem}.`, options);
  }
};
