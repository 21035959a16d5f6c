import { FLOAT_BYTES } from "../base/float-bytes.js";
import { netCost } from "../models/net-cost.js";
import { extendBy, startExtent } from "../models/net-extent.js";
import { inputChannels, type NetSpec } from "../models/spec.js";

/** The memory of a training run, besides its images. */
export interface TrainingMemory {
  /** Engine, program and libraries, for any net. */
  readonly programBytes: number;
  /** Weights, gradients, the optimizer's moments, and copies for testing and writing. */
  readonly weightBytes: number;
  /** Bytes of a training step per image of its batch. */
  readonly bytesPerTrainedImage: number;
  /** Bytes of a test per image of its batch. */
  readonly bytesPerTestedImage: number;
}

/** Node and TensorFlow with an empty net, as measured. */
const PROGRAM_BYTES = 490e6;
/** Value, gradient, two moments; the value and its quantized form during tests. */
const WEIGHT_COPIES = 6;
/**
 * Copies of the largest map, as measured. In a step: gradients and recomputed outputs, besides what the step keeps (which is
 * freed as gradients are computed). In a test: the input and output of a convolution, and its internal memory.
 */
const STEP_COPIES = 1.5;
const TEST_COPIES = 2.6;

interface ConvMaps {
  /** Sizes of the convolution's input and output, for one image. */
  readonly input: number;
  readonly output: number;
  /** Whether its norm directly precedes it; the backward pass then recomputes the input instead of keeping it. */
  readonly isRecomputed: boolean;
}

const mapsOf = (spec: NetSpec): ConvMaps[] => {
  let before = startExtent(spec);
  return spec.convs.map(({ dropout }, index) => {
    const area = before.sides.reduce((product, side) => product * side, 1);
    const after = extendBy(spec, index, before);
    const isAfterNorm = spec.order === "norm-activation-conv" || !spec.convs[index - 1]?.pool;
    const map = {
      input: area * inputChannels(spec, index),
      output: after.outputs - before.outputs,
      isRecomputed: index > 0 && isAfterNorm && dropout === 0,
    };
    before = after;
    return map;
  });
};

/**
 * Estimates the memory of training a net from its spec alone. For its backward pass a step keeps the inputs of norms, the
 * inputs of convolutions that do not directly follow a norm, and copies of the largest map. docs/own-images.md compares the
 * estimate with measured runs.
 */
export const trainingMemory = (spec: NetSpec): TrainingMemory => {
  const maps = mapsOf(spec);
  const isNormFirst = spec.order === "norm-activation-conv";
  const kept = maps.reduce((sum, { input, output, isRecomputed }) => {
    const normInput = isNormFirst ? input : 0;
    return sum + (isRecomputed ? 0 : input) + normInput + output;
  }, 0);
  const largest = Math.max(...maps.map(({ input, output }) => Math.max(input, output)));
  return {
    programBytes: PROGRAM_BYTES,
    weightBytes: WEIGHT_COPIES * netCost(spec).bytes,
    bytesPerTrainedImage: FLOAT_BYTES * (kept + STEP_COPIES * largest),
    bytesPerTestedImage: FLOAT_BYTES * TEST_COPIES * largest,
  };
};
