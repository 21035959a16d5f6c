import { FLOAT_BYTES } from "../base/float-bytes.js";
import { netCost } from "../models/net-cost.js";
import { extendBy, startExtent } from "../models/net-extent.js";
import { inputChannels, type NetSpec } from "../models/spec.js";

/** What a run of a net holds beside its images. */
export interface TrainingMemory {
  /** Engine, program and libraries, whatever the net. */
  readonly programBytes: number;
  /** Weights, gradients, the optimizer's moments, and copies of them while they are tested and written. */
  readonly weightBytes: number;
  /** A training step, for each image of its batch. */
  readonly bytesPerTrainedImage: number;
  /** A test, for each image of its batch. */
  readonly bytesPerTestedImage: number;
}

/** Node and TensorFlow with a net of no size, as measured. */
const PROGRAM_BYTES = 490e6;
/** Value, gradient, two moments; the value and its quantized form beside them. */
const WEIGHT_COPIES = 6;
/**
 * Of the largest map, as measured: gradients and what is made again, beside what a step keeps (which goes as
 * gradients come); in a test the input of a convolution, its output, and what the convolution needs meanwhile.
 */
const STEP_COPIES = 1.5;
const TEST_COPIES = 2.6;

interface Map {
  /** Numbers that go into a convolution and come out of it, for one image. */
  readonly input: number;
  readonly output: number;
  /** Whether its norm stands right in front of it: then the way back makes the input again instead of keeping it. */
  readonly isMadeAgain: boolean;
}

const mapsOf = (spec: NetSpec): Map[] => {
  let before = startExtent(spec);
  return spec.convs.map(({ dropout }, at) => {
    const area = before.sides.reduce((product, side) => product * side, 1);
    const after = extendBy(spec, at, before);
    const isBehindNorm = spec.order === "norm-activation-conv" || !spec.convs[at - 1]?.pool;
    const map = {
      input: area * inputChannels(spec, at),
      output: after.outputs - before.outputs,
      isMadeAgain: at > 0 && isBehindNorm && dropout === 0,
    };
    before = after;
    return map;
  });
};

/**
 * Estimates what training a net needs, from its spec alone: a step keeps what goes into norms, and into the
 * convolutions that do not stand right behind one, for its way back, and copies of the largest map.
 * docs/own-images.md has it beside measured runs.
 */
export const trainingMemory = (spec: NetSpec): TrainingMemory => {
  const maps = mapsOf(spec);
  const isNormFirst = spec.order === "norm-activation-conv";
  const kept = maps.reduce((sum, { input, output, isMadeAgain }) => {
    const intoNorm = isNormFirst ? input : 0;
    return sum + (isMadeAgain ? 0 : input) + intoNorm + output;
  }, 0);
  const largest = Math.max(...maps.map(({ input, output }) => Math.max(input, output)));
  return {
    programBytes: PROGRAM_BYTES,
    weightBytes: WEIGHT_COPIES * netCost(spec).bytes,
    bytesPerTrainedImage: FLOAT_BYTES * (kept + STEP_COPIES * largest),
    bytesPerTestedImage: FLOAT_BYTES * TEST_COPIES * largest,
  };
};
