import { QpruneError } from "../core/errors.js";
import { pooledSide } from "../core/ops/pool.js";
import { type ConvSpec, inputChannels, MAX_WIDTH, type NetSpec } from "./spec.js";

/** A kernel or window larger than this reaches over the whole of most images. */
const MAX_KERNEL = 31;
/** The place of a maximum in its window is one byte. */
const MAX_POOL = 15;
const MAX_CONVS = 1000;
const MAX_IMAGE_SIDE = 4096;

const convProblem = (spec: NetSpec, at: number): string | undefined => {
  const { width, kernel, pad, groups, shuffle, pool } = spec.convs[at] as ConvSpec;
  const inputs = inputChannels(spec, at);
  if (width > MAX_WIDTH) return `has ${width} channels (at most ${MAX_WIDTH})`;
  if (kernel > MAX_KERNEL) return `has a kernel of ${kernel} (at most ${MAX_KERNEL})`;
  if (pad >= kernel) return `pads by ${pad}, which must be less than its kernel of ${kernel}`;
  if (inputs % groups !== 0 || width % groups !== 0) {
    return `has ${groups} groups, which do not divide its ${inputs} inputs and ${width} outputs`;
  }
  if (inputs % shuffle !== 0) return `shuffles ${inputs} channels by ${shuffle}`;
  if (pool && pool.size > MAX_POOL) return `has a pool of ${pool.size} (at most ${MAX_POOL})`;
  if (pool && pool.pad > pool.size / 2) {
    return `has a pool of ${pool.size} padded by ${pool.pad} (at most half of it)`;
  }
  return undefined;
};

/** The side of the map behind a convolution and its pool. */
const sideBehind = ({ kernel, pad, pool }: ConvSpec, side: number): number => {
  const convolved = side + 2 * pad - kernel + 1;
  return pool && convolved > 0 ? pooledSide(convolved, pool) : convolved;
};

/** What does not fit together in a spec, or undefined. */
const specProblem = (spec: NetSpec): string | undefined => {
  const { convs, input, classes, norm } = spec;
  if (convs.length > MAX_CONVS) return `${convs.length} convolutions (at most ${MAX_CONVS})`;
  if (Math.max(input.height, input.width) > MAX_IMAGE_SIDE) {
    return `images of ${input.height}x${input.width} (at most ${MAX_IMAGE_SIDE})`;
  }
  if (convs.at(-1)?.width !== classes) {
    return `the last convolution has ${convs.at(-1)?.width} outputs for ${classes} classes`;
  }
  if (norm.minGamma !== null && !(Math.abs(norm.minGamma) <= 1)) return `minGamma ${norm.minGamma}`;
  let sides = [input.height, input.width];
  for (let at = 0; at < convs.length; at++) {
    const problem = convProblem(spec, at);
    if (problem) return `convolution ${at} ${problem}`;
    sides = sides.map((side) => sideBehind(convs[at] as ConvSpec, side));
    if (Math.min(...sides) < 1) return `behind convolution ${at} nothing is left of the image`;
  }
  return undefined;
};

/**
 * Refuses a spec that does not fit together, before anything is allocated for it.
 * @throws QpruneError naming the convolution and the reason; `where` says whose spec it is.
 */
export const checkSpec = (spec: NetSpec, where: string): void => {
  const problem = specProblem(spec);
  if (problem !== undefined) {
    throw new QpruneError(`${where}: the net does not fit together: ${problem}.`, {
      hint: "Use another copy of the file, or mend the spec.",
    });
  }
};
