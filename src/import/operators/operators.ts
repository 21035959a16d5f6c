import { Unsupported } from "../unsupported.js";
import type { Convert, OpCall } from "./call.js";
import { foldNode, isFolded } from "./constants/fold.js";
import { CONVERTERS } from "./converters.js";
import { type PlainAttributes, plainNode } from "./read-node.js";
import type { Value } from "./value.js";

/** The operators of a format, as nodes of nets or as constants. */
export interface Operators {
  /** What a node computes. @throws Unsupported if nets have no such node. */
  readonly convert: (call: OpCall) => readonly Value[];
  /** Whether an operator is one that nets may have. */
  readonly isKnown: (op: string) => boolean;
}

/** The operators of a table of converters. */
export const operatorsOf = (converters: ReadonlyMap<string, Convert>): Operators => ({
  isKnown: (op) => converters.has(op),
  convert: (call) => {
    const convert = converters.get(call.node.op);
    if (!convert) throw new Unsupported("has no counterpart in qprune's nets");
    return convert(call);
  },
});

const unfolded = operatorsOf(CONVERTERS);

/** The operators of ONNX. Those of constants are computed. */
export const onnxOperators: Operators = {
  isKnown: (op) => unfolded.isKnown(op) || isFolded(op),
  convert: (call) => {
    const { node, inputs, budget } = call;
    const constants = inputs.flatMap((input) => (input?.kind === "computed" ? [] : [input]));
    if (constants.length === inputs.length) {
      const folded = foldNode({ node, inputs: constants, budget });
      if (folded) return [folded];
    }
    return unfolded.convert(call);
  },
};

/** What a node of another format asks of an operator of ONNX. */
export interface OperatorRequest {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes?: PlainAttributes;
  /** The name of what it adds, if not that of the node. */
  readonly name?: string;
  /** The names of its inputs, if not those of the node; layers are named after their weights. */
  readonly inputNames?: readonly string[];
  /** The number of outputs; 1 if absent. */
  readonly outputs?: number;
}

/** Applies an operator of ONNX on behalf of a node of another format, and returns all outputs. */
export const runAll = (
  call: OpCall,
  op: string,
  { inputs, attributes, name = call.node.name, inputNames, outputs = 1 }: OperatorRequest,
): readonly Value[] => {
  const names = Array.from({ length: outputs }, (_, index) => `${name}:${index}`);
  const read = inputNames ?? call.node.inputs;
  const node = plainNode({ name, op, inputs: read, outputs: names }, attributes);
  return onnxOperators.convert({ ...call, node, inputs });
};

/** Applies an operator of ONNX on behalf of a node of another format. */
export const run = (call: OpCall, op: string, request: OperatorRequest): Value => {
  const [value] = runAll(call, op, request);
  if (!value) throw new Unsupported("computes nothing");
  return value;
};
