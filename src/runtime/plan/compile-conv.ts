import { slide } from "../../base/sliding-window.js";
import type { NodeOf, ValueId } from "../../graph/graph.js";
import { kernelShapeOf } from "../../graph/kinds/convolutions.js";
import type { MapShape } from "../../graph/shape.js";
import type { Step } from "../../models/executor/steps.js";
import { functionOf } from "../../models/executor/steps.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import { codesOf } from "./code-format.js";
import type { Draft } from "./draft.js";
import { channelsLast, integerWeights } from "./integer-weights.js";
import {
  type ConvShape,
  FLOATS,
  type FloatWeights,
  type IntegerWeights,
  type Tail,
} from "./plan.js";
import { normOf, numbersOf, quantizeActivation, tailActivation } from "./read-tails.js";

const IDENTITY: Tail = {
  bias: null,
  affine: null,
  activation: { kind: "identity" },
  shuffleGroups: 1,
};

type ConvStep = Extract<Step, { kind: "conv" }>;

const shapeOfConv = (node: NodeOf<"conv">, [height, width, channels]: MapShape): ConvShape => {
  const { kernel, stride, padding, dilation, filters, groups } = node;
  const [outHeight, outWidth] = slide(height, width, node);
  const sides = { height, width, channels, outHeight, outWidth };
  return { ...sides, kernel, stride, padding, dilation, filters, groups };
};

/** A tail, and the value of the graph after it. */
interface Fused {
  readonly tail: Tail;
  readonly output: ValueId;
}

/** Adds the steps after a convolution or dense layer that read its output alone: norm, then activation or quantizer. */
export const fuseReaders = (draft: Draft, start: Fused): Fused => {
  let { tail, output } = start;
  for (;;) {
    const reader = draft.onlyReader(output);
    const isPlain = tail.activation.kind === "identity" && tail.shuffleGroups === 1;
    if (!reader || !isPlain) return { tail, output };
    const { step, index } = reader;
    if (step.kind === "norm" && !tail.affine) {
      const activation = tailActivation(draft.model, step);
      const { shuffleGroups } = step.tail;
      tail = { ...tail, affine: normOf(draft.model, step), activation, shuffleGroups };
    } else if (step.kind === "node" && step.node.kind === "activation") {
      tail = { ...tail, activation: functionOf(step.node) };
    } else if (step.kind === "node" && step.node.kind === "quantize") {
      tail = { ...tail, activation: quantizeActivation(draft.model, step.node) };
    } else return { tail, output };
    draft.markDone(index);
    output = step.outputs[0] as ValueId;
  }
};

interface Weighted {
  readonly name: string;
  readonly input: ValueId;
  readonly shape: ConvShape;
  /** Of the kernel in PyTorch's order. */
  readonly kernelShape: readonly number[];
  readonly fused: Fused;
}

const floatsLast = (shape: readonly number[], values: Float32Array): Float32Array =>
  channelsLast(shape, values, new Float32Array(values.length));

/** Adds a convolution, with integers if its weights and its input are quantized. */
export const addConv = (
  draft: Draft,
  { name, input, shape, kernelShape, fused }: Weighted,
): void => {
  const kernel = draft.model.weights.get(`${name}.weight`);
  if (!kernel) throw new Error(`${name} has no kernel.`);
  const format = draft.formatOf(input);
  const integers =
    kernel.kind === "quantized" && format.kind === "codes"
      ? integerWeights(kernel, format)
      : undefined;
  const weights: IntegerWeights | FloatWeights = integers ?? {
    kind: "floats",
    numbers: floatsLast(kernelShape, weightNumbers(kernel)),
  };
  const from = integers ? draft.indexOf(input) : draft.floatsOf(input);
  const output = draft.addValue(fused.output, codesOf(fused.tail.activation) ?? FLOATS);
  draft.addStep({ kind: "conv", name, input: from, output, shape, weights, tail: fused.tail });
};

/** Adds a convolution with the norm, activation and quantizer that follow. */
export const compileConv = (draft: Draft, step: ConvStep): void => {
  const { node, addsBias, tail } = step;
  const input = node.inputs[0] as ValueId;
  const maps = draft.shapeOf(input);
  const bias = (addsBias && numbersOf(draft.model, `${node.name}.bias`)) || null;
  const own: Fused = {
    tail: { ...IDENTITY, ...tail, bias },
    output: step.outputs[0] as ValueId,
  };
  addConv(draft, {
    name: node.name,
    input,
    shape: shapeOfConv(node, maps),
    kernelShape: kernelShapeOf(node, maps[2]),
    fused: tail ? own : fuseReaders(draft, own),
  });
};

/** Adds a dense layer as a 1x1 convolution of a map of 1x1. */
export const compileDense = (draft: Draft, node: NodeOf<"dense">): void => {
  const input = node.inputs[0] as ValueId;
  const [, , channels] = draft.shapeOf(input);
  const one = [1, 1] as const;
  const bias = (node.hasBias && numbersOf(draft.model, `${node.name}.bias`)) || null;
  addConv(draft, {
    name: node.name,
    input,
    shape: {
      height: 1,
      width: 1,
      channels,
      outHeight: 1,
      outWidth: 1,
      kernel: one,
      stride: one,
      padding: [0, 0, 0, 0],
      dilation: one,
      filters: node.features,
      groups: 1,
    },
    kernelShape: [node.features, channels],
    fused: fuseReaders(draft, { tail: { ...IDENTITY, bias }, output: node.name }),
  });
};
