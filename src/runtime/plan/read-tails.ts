import type { NodeOf } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { Step } from "../../models/executor/steps.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import {
  isLearnedQuantizer,
  type LearnedQuantizer,
  rangeLevels,
  rangeOf,
} from "../../quant/activations/learned-quantizer.js";
import type { Activation, Affine } from "./plan.js";

const { fround } = Math;

/** The float32 numbers of a tensor; undefined if the model has none of the name. */
export const numbersOf = ({ weights }: Model, name: string): Float32Array | undefined => {
  const value = weights.get(name);
  return value?.kind === "float" ? value.values : undefined;
};

const required = (model: Model, name: string): Float32Array =>
  // readModel has checked that every tensor of the graph is there.
  numbersOf(model, name) as Float32Array;

/**
 * A batch norm with its running statistics, in float32 as the training engine computes it. A bias of the convolution before
 * it is subtracted from the mean, since the convolution does not add it.
 */
export const normOf = (model: Model, { node, biased }: Extract<Step, { kind: "norm" }>): Affine => {
  const mean = required(model, `${node.name}.running_mean`);
  const variance = required(model, `${node.name}.running_var`);
  const bias = biased && required(model, `${biased.name}.bias`);
  const epsilon = fround(node.epsilon);
  const gammas = node.hasAffine ? required(model, `${node.name}.weight`) : null;
  const gammaOf = (at: number): number => {
    if (!gammas) return 1;
    return Math.max(gammas[at] as number, fround(node.minGamma ?? Number.NEGATIVE_INFINITY));
  };
  return {
    center: mean.map((value, at) => (bias ? value - (bias[at] as number) : value)),
    scale: variance.map((value, at) => gammaOf(at) / fround(Math.sqrt(fround(value + epsilon)))),
    shift: node.hasAffine ? required(model, `${node.name}.bias`) : new Float32Array(mean.length),
  };
};

/** What remains of a norm that could not be folded: scale x - threshold. */
export const affineOf = (model: Model, name: string): Affine => {
  const scale = required(model, `${name}.scale`);
  return {
    center: new Float32Array(scale.length),
    scale,
    shift: required(model, `${name}.threshold`).map((value) => -value),
  };
};

/** A quantizer whose range was trained, as an activation with a constant factor. */
const learnedActivation = (
  model: Model,
  node: NodeOf<"quantize"> & { readonly quantizer: LearnedQuantizer },
  includesRelu: boolean,
): Activation => {
  const { quantizer, name } = node;
  const stored = required(model, `${name}.${quantizer.learned === "lsq" ? "step" : "clip"}`);
  const levels = rangeLevels(quantizer);
  const scale = fround(1 / rangeOf(quantizer, stored[0] as number));
  return quantizer.isSigned
    ? { kind: "signedUnit", levels, scale }
    : { kind: "unit", levels, scale, afterRelu: includesRelu };
};

/** The activation of a step that runs with what follows it. */
export const tailActivation = (
  model: Model,
  step: Extract<Step, { kind: "norm" | "affine" }>,
): Activation => {
  const { activation } = step.tail;
  if (step.kind === "affine" || !step.learned) return activation;
  const includesRelu = "afterRelu" in activation && activation.afterRelu;
  // Only a quantizer with a trained range is `learned`.
  return learnedActivation(
    model,
    step.learned as Parameters<typeof learnedActivation>[1],
    includesRelu,
  );
};

/** The activation of a quantizer that runs by itself. */
export const quantizeActivation = (model: Model, node: NodeOf<"quantize">): Activation => {
  const { quantizer } = node;
  return isLearnedQuantizer(quantizer)
    ? learnedActivation(model, { ...node, quantizer }, false)
    : quantizerActivation(quantizer);
};
