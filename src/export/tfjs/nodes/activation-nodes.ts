import type { NodeOf } from "../../../graph/graph.js";
import { quantizerActivation } from "../../../quant/activations/activation-of.js";
import { type Activation, TERNARY_THRESHOLD } from "../../../tensor/ops/activation.js";
import { FLOAT, floatAttribute, type TfGraphBuilder, typeAttribute } from "../tf-graph.js";
import { type Lowering, onlyInput, vectorOf } from "./lowering.js";

const TO_FLOAT = { SrcT: typeAttribute("DT_BOOL"), DstT: FLOAT };

/** The activations that quantize. */
type Quantizer = Extract<
  Activation,
  { kind: "affine" | "unit" | "unitSign" | "signedUnit" | "sign" | "step" | "ternary" }
>;

const addQuantizer = (
  { add, scalar }: TfGraphBuilder,
  name: string,
  x: string,
  quantizer: Quantizer,
): string => {
  const clamped = (scale: number, least: number): string => {
    const scaled = add("Mul", `${name}/scaled`, [x, scalar(scale)]);
    return add("ClipByValue", `${name}/clamped`, [scaled, scalar(least), scalar(1)]);
  };
  const isAbove = (what: string, limit: number): string => {
    const above = add("Greater", `${name}/above`, [what, scalar(limit)]);
    return add("Cast", `${name}/is_above`, [above], TO_FLOAT);
  };
  switch (quantizer.kind) {
    case "unit":
    case "signedUnit": {
      // Before the clamp: the order of nodes is part of the exported bytes.
      const levels = scalar(quantizer.levels);
      const unit = clamped(quantizer.scale, quantizer.kind === "unit" ? 0 : -1);
      const steps = add("Mul", `${name}/steps`, [unit, levels]);
      const rounded = add("Round", `${name}/rounded`, [steps]);
      return add("RealDiv", `${name}/unit`, [rounded, levels]);
    }
    case "affine": {
      const { scale, zero, levels } = quantizer;
      const steps = add("Mul", `${name}/steps`, [x, scalar(Math.fround(1 / scale))]);
      const rounded = add("Round", `${name}/rounded`, [steps]);
      const bounds = [rounded, scalar(-zero), scalar(levels - zero)];
      const codes = add("ClipByValue", `${name}/codes`, bounds);
      return add("Mul", `${name}/affine`, [codes, scalar(scale)]);
    }
    case "unitSign":
      return add("Sign", `${name}/sign`, [clamped(quantizer.scale, 0)]);
    case "sign":
      return add("Sign", `${name}/sign`, [x]);
    case "step":
      return isAbove(x, 0);
    case "ternary": {
      const large = isAbove(add("Abs", `${name}/magnitude`, [x]), TERNARY_THRESHOLD);
      return add("Mul", `${name}/ternary`, [large, add("Sign", `${name}/sign`, [x])]);
    }
  }
};

/**
 * Adds the nodes of an activation after node `x`, with the operations in the order of tensor/ops/activation.ts, and
 * returns the name of the last node.
 */
export const addActivation = (
  graph: TfGraphBuilder,
  name: string,
  x: string,
  activation: Activation,
): string => {
  const { add, scalar } = graph;
  const sigmoid = (): string => add("Sigmoid", `${name}/sigmoid`, [x]);
  const shiftedRelu6 = (): string =>
    add("Relu6", `${name}/relu6`, [add("AddV2", `${name}/shifted`, [x, scalar(3)])]);
  const sixth = (of: string): string => add("RealDiv", `${name}/sixth`, [of, scalar(6)]);
  switch (activation.kind) {
    case "identity":
      return x;
    case "relu":
      return add("Relu", `${name}/relu`, [x]);
    case "relu6":
      return add("Relu6", `${name}/relu6`, [x]);
    case "sigmoid":
      return sigmoid();
    case "silu":
      return add("Mul", `${name}/silu`, [x, sigmoid()]);
    case "hardSigmoid":
      return sixth(shiftedRelu6());
    case "hardSwish":
      return sixth(add("Mul", `${name}/product`, [x, shiftedRelu6()]));
    case "leakyRelu": {
      const attr = { T: FLOAT, alpha: floatAttribute(activation.slope) };
      return add("LeakyRelu", `${name}/leaky_relu`, [x], attr);
    }
    default:
      return addQuantizer(graph, name, x, activation);
  }
};

/** A lower bound of an activation's outputs. */
export const leastValue = (activation: Activation): number => {
  switch (activation.kind) {
    case "identity":
      return Number.NEGATIVE_INFINITY;
    case "affine":
      return -activation.zero * activation.scale;
    case "leakyRelu":
      return activation.slope > 0 ? Number.NEGATIVE_INFINITY : 0;
    case "sign":
    case "ternary":
    case "signedUnit":
    // The minima of these two are -0.28 and -0.375.
    case "silu":
    case "hardSwish":
      return -1;
    case "relu":
    case "relu6":
    case "sigmoid":
    case "hardSigmoid":
    case "unit":
    case "unitSign":
    case "step":
      return 0;
  }
};

export const functionActivation = (node: NodeOf<"activation">): Activation =>
  node.function === "leakyRelu"
    ? { kind: node.function, slope: node.slope ?? 0 }
    : { kind: node.function };

export const lowerActivation = (node: NodeOf<"activation">, lowering: Lowering): string => {
  const { builder, nameOf } = lowering;
  const { x } = onlyInput(lowering, node);
  return addActivation(builder, nameOf(node), x, functionActivation(node));
};

export const lowerQuantize = (node: NodeOf<"quantize">, lowering: Lowering): string => {
  const { builder, nameOf } = lowering;
  const { x } = onlyInput(lowering, node);
  return addActivation(builder, nameOf(node), x, quantizerActivation(node.quantizer));
};

/** max(x, 0) + slope min(x, 0) */
export const lowerPrelu = (node: NodeOf<"prelu">, lowering: Lowering): string => {
  const { add, constant, scalar } = lowering.builder;
  const name = lowering.nameOf(node);
  const { x } = onlyInput(lowering, node);
  const values = vectorOf(lowering, node, "weight") as Float32Array;
  const slope = constant({
    name: `${name}/slope`,
    shape: [values.length],
    kind: "float32",
    values,
  });
  const positive = add("Relu", `${name}/positive`, [x]);
  const negative = add("Minimum", `${name}/negative`, [x, scalar(0)]);
  const scaled = add("Mul", `${name}/scaled`, [negative, slope]);
  return add("AddV2", `${name}/prelu`, [positive, scaled]);
};

export const lowerSoftmax = (node: NodeOf<"softmax">, lowering: Lowering): string =>
  lowering.builder.add("Softmax", lowering.nameOf(node), [onlyInput(lowering, node).x]);
