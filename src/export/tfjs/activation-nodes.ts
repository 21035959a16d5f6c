import { type Activation, TERNARY_THRESHOLD } from "../../tensor/ops/activation.js";
import { type GraphBuilder, typeAttribute } from "./graph.js";

const TO_FLOAT = { SrcT: typeAttribute("DT_BOOL"), DstT: typeAttribute("DT_FLOAT") };

/**
 * Adds the nodes of an activation after node `x`, with the operations in the order of tensor/ops/activation.ts, and
 * returns the name of the last node.
 */
export const addActivation = (
  graph: GraphBuilder,
  name: string,
  x: string,
  activation: Activation,
): string => {
  const { add, scalar } = graph;
  const clamped = (scale: number): string => {
    const scaled = add("Mul", `${name}/scaled`, [x, scalar(scale)]);
    return add("ClipByValue", `${name}/clamped`, [scaled, scalar(0), scalar(1)]);
  };
  const isAbove = (what: string, limit: number): string => {
    const above = add("Greater", `${name}/above`, [what, scalar(limit)]);
    return add("Cast", `${name}/is_above`, [above], TO_FLOAT);
  };
  switch (activation.kind) {
    case "identity":
      return x;
    case "relu":
      return add("Relu", `${name}/relu`, [x]);
    case "unit": {
      const levels = scalar(activation.levels);
      const steps = add("Mul", `${name}/steps`, [clamped(activation.scale), levels]);
      const rounded = add("Round", `${name}/rounded`, [steps]);
      return add("RealDiv", `${name}/unit`, [rounded, levels]);
    }
    case "unitSign":
      return add("Sign", `${name}/sign`, [clamped(activation.scale)]);
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

/** The smallest output of an activation. */
export const leastValue = ({ kind }: Activation): number => {
  switch (kind) {
    case "identity":
      return Number.NEGATIVE_INFINITY;
    case "sign":
    case "ternary":
      return -1;
    case "relu":
    case "unit":
    case "unitSign":
    case "step":
      return 0;
  }
};
