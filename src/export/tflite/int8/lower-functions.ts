import { FUSED_FUNCTIONS } from "../../../formats/tflite/schema.js";
import type { NodeOf } from "../../../graph/graph.js";
import type { IntegerValue, TableStep } from "../../../integer/integer-plan.js";
import { bytesOf, type Int8Draft, sidesOf } from "./int8-draft.js";

/** Adds operators of floats that compute a function of x, and returns the number of the last one's output. */
const addFunction = (
  draft: Int8Draft,
  node: NodeOf<"activation">,
  x: number,
  shape: readonly number[],
): number => {
  const value = (part: string): number =>
    draft.tensor(`${node.name}/${part}`, { shape, type: "float32" });
  const constant = (part: string, number: number): number =>
    draft.tensor(`${node.name}/${part}`, {
      shape: [1],
      type: "float32",
      data: bytesOf(Float32Array.of(number)),
    });
  const add = (op: string, inputs: readonly number[], options = {}): number => {
    const to = value(op.toLowerCase());
    draft.add({ op, inputs, outputs: [to], options });
    return to;
  };
  const fused = (name: (typeof FUSED_FUNCTIONS)[number]) => ({
    fused: FUSED_FUNCTIONS.indexOf(name),
  });
  switch (node.function) {
    case "relu":
      return add("RELU", [x]);
    case "relu6":
      return add("RELU6", [x]);
    case "sigmoid":
      return add("LOGISTIC", [x]);
    case "silu":
      return add("MUL", [x, add("LOGISTIC", [x])], fused("none"));
    case "hardSigmoid": {
      const clamped = add("ADD", [x, constant("three", 3)], fused("relu6"));
      return add("MUL", [clamped, constant("sixth", 1 / 6)], fused("none"));
    }
    case "hardSwish":
      return add("HARD_SWISH", [x]);
    case "leakyRelu":
      return add("LEAKY_RELU", [x], { alpha: node.slope ?? 0 });
  }
};

/** Codes as floats. */
export const addFloats = (
  draft: Int8Draft,
  { name, shape }: Pick<IntegerValue, "name" | "shape">,
  of: string,
): number => {
  const to = draft.tensor(`${of}/floats`, { shape: sidesOf(shape), type: "float32" });
  draft.add({ op: "DEQUANTIZE", inputs: [draft.indexOf(name)], outputs: [to], version: 2 });
  return to;
};

/** A function of codes, computed in floats between two quantizers: what the table of the step contains. */
export const lowerTable = (draft: Int8Draft, { node, input, output }: TableStep): void => {
  const x = addFloats(draft, input, node.name);
  const y = addFunction(draft, node, x, sidesOf(input.shape));
  draft.add({ op: "QUANTIZE", inputs: [y], outputs: [draft.value(output)] });
};
