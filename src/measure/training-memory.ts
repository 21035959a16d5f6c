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

const FLOAT_BYTES = 4;
/** Node and TensorFlow with a net of no size, as measured. */
const PROGRAM_BYTES = 490e6;
/** Value, gradient, two moments; the value and its quantized form beside them. */
const WEIGHT_COPIES = 6;
/**
 * Of the largest map: a gradient beside what a step keeps (inputs go as gradients come); in a test the input of a
 * convolution, its output, and what the convolution needs meanwhile, as measured.
 */
const STEP_COPIES = 1;
const TEST_COPIES = 2.6;

/** Numbers that go into each convolution and come out of it, for one image. */
const mapsOf = (spec: NetSpec): { readonly input: number; readonly output: number }[] => {
  let before = startExtent(spec);
  return spec.convs.map((_, at) => {
    const area = before.sides.reduce((product, side) => product * side, 1);
    const after = extendBy(spec, at, before);
    const map = { input: area * inputChannels(spec, at), output: after.outputs - before.outputs };
    before = after;
    return map;
  });
};

/**
 * Estimates what training a net needs, from its spec alone: a step keeps the inputs of all convolutions and
 * norms for its way back, and holds a copy of the largest map. docs/own-images.md has it beside measured runs.
 */
export const trainingMemory = (spec: NetSpec): TrainingMemory => {
  const maps = mapsOf(spec);
  // With the norm in front, what goes into it is kept beside what the activation makes of it.
  const inputs = spec.order === "norm-activation-conv" ? 2 : 1;
  const kept = maps.reduce((sum, { input, output }) => sum + inputs * input + output, 0);
  const largest = Math.max(...maps.map(({ input, output }) => Math.max(input, output)));
  return {
    programBytes: PROGRAM_BYTES,
    weightBytes: WEIGHT_COPIES * netCost(spec).bytes,
    bytesPerTrainedImage: FLOAT_BYTES * (kept + STEP_COPIES * largest),
    bytesPerTestedImage: FLOAT_BYTES * TEST_COPIES * largest,
  };
};
