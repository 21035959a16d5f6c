import { z } from "zod";
import { activationFunctions } from "../../graph/kinds/activations.js";
import {
  MAX_EPSILON,
  MAX_IMAGE_SIDE,
  MAX_SHUFFLE_FACTOR,
  MAX_WIDTH,
  MIN_EPSILON,
} from "../../graph/limits.js";
import { bordersField, channelsField, countOf, given } from "./described-fields.js";
import { describeKind, kindProblem } from "./described-kind.js";
import {
  expected,
  listOf,
  numberThat,
  oneOf,
  range,
  whole,
  yesOrNo,
} from "./description-fields.js";
import { averagePool, conv, maxPool } from "./window-descriptions.js";

/** PyTorch's default for the slope of a leaky ReLU. */
const LEAKY_SLOPE = 0.01;
const MAX_PARTS = 1024;

const dense = describeKind({
  kind: "dense",
  shape: {
    features: channelsField,
    /** Default: true, unless the next node is a batch norm. */
    hasBias: yesOrNo().optional(),
  },
  options: ({ features, hasBias }, { classes, isBeforeNorm }) => ({
    features: countOf(features, classes),
    hasBias: hasBias ?? !isBeforeNorm,
  }),
});

const batchNorm = describeKind({
  kind: "batchNorm",
  shape: {
    hasAffine: yesOrNo().optional(),
    epsilon: range(MIN_EPSILON, MAX_EPSILON).optional(),
    newStatWeight: range(0, 1).optional(),
  },
  options: given,
});

const activation = describeKind({
  kind: "activation",
  shape: {
    function: oneOf(activationFunctions).default("relu"),
    slope: range(-1, 1).optional(),
  },
  problems: ({ function: name, slope }) =>
    slope !== undefined && name !== "leakyRelu"
      ? [["slope", `is only for the function leakyRelu, not for ${name}`]]
      : [],
  options: ({ function: name, slope = LEAKY_SLOPE }) => ({
    function: name,
    ...(name === "leakyRelu" && { slope }),
  }),
});

const prelu = describeKind({
  kind: "prelu",
  shape: { isShared: yesOrNo().optional() },
  options: given,
});

const globalPool = describeKind({
  kind: "globalPool",
  shape: { function: oneOf(["mean", "max"]).optional(), keepsMaps: yesOrNo().optional() },
  options: given,
});

const dropout = describeKind({
  kind: "dropout",
  shape: {
    rate: numberThat(
      "a fraction of at least 0 and below 1",
      (value) => value >= 0 && value < 1,
    ).default(0.5),
  },
  options: given,
});

const shuffle = describeKind({
  kind: "shuffle",
  shape: { groups: whole(1, MAX_WIDTH) },
  options: given,
});

const pad = describeKind({
  kind: "pad",
  shape: {
    padding: bordersField.optional(),
    channels: listOf(whole(0, MAX_WIDTH), { name: "numbers", least: 2, most: 2 }).optional(),
    value: range(-Number.MAX_VALUE, Number.MAX_VALUE).optional(),
  },
  options: ({ channels, ...node }) => ({
    ...given(node),
    ...(channels && { channels: [channels[0] ?? 0, channels[1] ?? 0] }),
  }),
});

const pixelShuffle = describeKind({
  kind: "pixelShuffle",
  shape: { factor: whole(2, MAX_SHUFFLE_FACTOR) },
  options: given,
});

const resize = describeKind({
  kind: "resize",
  shape: {
    height: whole(1, MAX_IMAGE_SIDE),
    width: whole(1, MAX_IMAGE_SIDE),
    method: oneOf(["nearest", "bilinear"]).optional(),
    alignsCorners: yesOrNo().optional(),
  },
  problems: ({ method, alignsCorners }) =>
    alignsCorners === true && method !== "bilinear"
      ? [["alignsCorners", "is only for the method bilinear"]]
      : [],
  options: given,
});

const reshape = describeKind({
  kind: "reshape",
  shape: {
    shape: listOf(whole(1, Number.MAX_SAFE_INTEGER), { name: "numbers", least: 1, most: 3 }),
  },
  problems: ({ shape }) =>
    shape.length === 2 ? [["shape", "expected [features] or [height, width, channels]"]] : [],
  options: ({ shape: [first = 1, width, channels] }) => ({
    shape: width === undefined || channels === undefined ? [first] : [first, width, channels],
  }),
});

const split = describeKind({
  kind: "split",
  shape: {
    sizes: listOf(whole(1, MAX_WIDTH), { name: "numbers", least: 1, most: MAX_PARTS }),
  },
  options: given,
});

/** The kinds of nodes that a description may have; the others are for quantization and for nets after it. */
const described = [
  activation,
  describeKind({ kind: "add", shape: {}, needsInputs: true, options: given }),
  averagePool,
  batchNorm,
  describeKind({ kind: "concat", shape: {}, needsInputs: true, options: given }),
  conv,
  dense,
  dropout,
  describeKind({ kind: "flatten", shape: {}, options: given }),
  globalPool,
  maxPool,
  describeKind({ kind: "multiply", shape: {}, needsInputs: true, options: given }),
  pad,
  pixelShuffle,
  prelu,
  reshape,
  resize,
  shuffle,
  split,
] as const;

const describedKinds = described.map((schema) => schema.in.shape.kind.value);

/** A node of a graph as people write it. */
export const nodeDescriptionSchema = z.discriminatedUnion("kind", described, {
  error: (issue) =>
    issue.code === "invalid_union"
      ? kindProblem(issue.input, describedKinds)
      : expected("a node as an object")(issue),
});
