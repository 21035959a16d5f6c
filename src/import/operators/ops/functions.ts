import type { ValueId } from "../../../graph/graph.js";
import type { NodeOptions } from "../../../graph/node-defaults.js";
import { Unsupported } from "../../unsupported.js";
import { axisOf } from "../axes.js";
import {
  addNode,
  type Convert,
  computedInput,
  dimsOfValue,
  type OpCall,
  optionalConstant,
  plain,
  resolve,
} from "../call.js";
import { sizeOfDims } from "../constants/elementwise.js";
import { layerName } from "../names.js";
import { computed, type Value } from "../value.js";
import { addAffine } from "./affine.js";

/** Adds a function of each number to the base of a view, whose arrangement stays. */
const elementwise = (call: OpCall, options: NodeOptions["activation"]): Value[] => {
  const { base, shape, axes } = computedInput(call, 0);
  const [value] = addNode(call, "activation", { inputs: [base], options });
  return [computed({ base: value as string, shape, axes })];
};

export const convertActivation =
  (name: "relu" | "sigmoid" | "hardSwish"): Convert =>
  (call) =>
    elementwise(call, { function: name });

/** Swish with the factor 1 is SiLU. */
export const convertSwish: Convert = (call) => {
  if (call.node.float("alpha", 1) !== 1) throw new Unsupported("is a swish with a factor");
  return elementwise(call, { function: "silu" });
};

export const convertLeakyRelu: Convert = (call) =>
  elementwise(call, { function: "leakyRelu", slope: call.node.float("alpha", 0.01) });

const isNear = (one: number, other: number): boolean => Math.abs(one - other) < 1e-6;

/** max(0, min(1, alpha x + beta)), which is relu6(6 alpha x + 6 beta) / 6. */
export const convertHardSigmoid: Convert = (call) => {
  const [alpha, beta] = [call.node.float("alpha", 0.2), call.node.float("beta", 0.5)];
  if (isNear(alpha, 1 / 6) && isNear(beta, 0.5))
    return elementwise(call, { function: "hardSigmoid" });
  const { value } = resolve(call, computedInput(call, 0));
  const scaled = addAffine(call, value, { scale: [6 * alpha], shift: [6 * beta - 3] });
  const options = { function: "hardSigmoid" } as const;
  return plain(call, addNode(call, "activation", { inputs: [scaled], options }));
};

/** Whether a ReLU or ReLU6 computes a value, so that clipping it at 0 or less changes nothing. */
const isClippedAt0 = ({ draft }: OpCall, value: ValueId): boolean => {
  const producer = draft.nodes.find(({ name }) => name === value);
  return producer?.kind === "activation" && /^relu6?$/.test(producer.function);
};

/** A larger limit than that of any value. */
const NO_LIMIT = 1e30;

/** A function of scale x + shift, scaled and shifted in turn. */
const between = (
  call: OpCall,
  [scale, shift]: readonly [number, number],
  name: "relu" | "relu6",
  [scaleAfter, shiftAfter]: readonly [number, number],
): Value[] => {
  const { value } = resolve(call, computedInput(call, 0));
  const before = addAffine(call, value, { scale: [scale], shift: [shift] });
  const [limited] = addNode(call, "activation", { inputs: [before], options: { function: name } });
  const inputs = { scale: [scaleAfter], shift: [shiftAfter] };
  return plain(call, [addAffine(call, limited as ValueId, inputs)]);
};

/** Limits other than those of ReLU and ReLU6 are theirs, scaled and shifted. */
const clip = (call: OpCall, least: number, most: number): Value[] => {
  const isFrom0 = least === 0 || (least < 0 && isClippedAt0(call, computedInput(call, 0).base));
  const [hasLeast, hasMost] = [least > -NO_LIMIT, most < NO_LIMIT];
  if (isFrom0 && most === 6) return elementwise(call, { function: "relu6" });
  if (isFrom0 && !hasMost) return elementwise(call, { function: "relu" });
  if (!hasLeast && !hasMost) return [computedInput(call, 0)];
  if (!hasMost) return between(call, [1, -least], "relu", [1, least]);
  if (!hasLeast) return between(call, [-1, most], "relu", [-1, most]);
  const factor = 6 / (most - least);
  if (!(Number.isFinite(factor) && factor > 0))
    throw new Unsupported(`clips to ${least} and ${most}`);
  return between(call, [factor, -least * factor], "relu6", [1 / factor, least]);
};

/** Clip, of which either limit may be absent. */
export const convertClip: Convert = (call) => {
  const { node } = call;
  const least = optionalConstant(call, 1)?.values[0] ?? node.float("min", Number.NEGATIVE_INFINITY);
  const most = optionalConstant(call, 2)?.values[0] ?? node.float("max", Number.POSITIVE_INFINITY);
  return clip(call, least, most);
};

/** The smaller or larger of each value and a limit, which is given second. */
export const convertLimit =
  (which: "least" | "most"): Convert =>
  (call) => {
    const limit = optionalConstant(call, 1);
    if (limit?.values.length !== 1)
      throw new Unsupported("compares values with something other than one constant");
    const at = limit.values[0] as number;
    return which === "least"
      ? clip(call, at, Number.POSITIVE_INFINITY)
      : clip(call, Number.NEGATIVE_INFINITY, at);
  };

/** PRelu with one slope for all channels or one for each. */
export const convertPRelu: Convert = (call) => {
  const { value, shape } = resolve(call, computedInput(call, 0));
  const slope = optionalConstant(call, 1);
  const channels = shape.at(-1) as number;
  const count = slope ? sizeOfDims(slope.dims) : 0;
  // A slope for each channel has the axes of channels, rows and columns.
  const isPerChannel = count === channels && slope?.dims.at(shape.length === 3 ? -3 : -1) === count;
  if (!slope || (count !== 1 && !isPerChannel))
    throw new Unsupported(`has ${count} slopes for ${channels} channels`);
  const isShared = count === 1;
  return plain(
    call,
    addNode(call, "prelu", {
      name: layerName(call, 1),
      inputs: [value],
      options: { isShared },
      tensors: {
        weight: { kind: "float", shape: [count], values: Float32Array.from(slope.values) },
      },
    }),
  );
};

/** Softmax over the features of vectors. */
export const convertSoftmax: Convert = (call) => {
  const input = computedInput(call, 0);
  const rank = dimsOfValue(input).length;
  const axis = axisOf(call.node.int("axis", call.opset < 13 ? 1 : -1), rank);
  if (rank !== 2 || axis !== 1)
    throw new Unsupported("is a softmax over axes other than the classes");
  return plain(
    call,
    addNode(call, "softmax", { inputs: [resolve(call, input).value], options: {} }),
  );
};

export const convertDropout: Convert = (call) => {
  if (call.node.outputs.filter(Boolean).length > 1) throw new Unsupported("returns its mask");
  const { base, shape, axes } = computedInput(call, 0);
  const rate = optionalConstant(call, 1)?.values[0] ?? call.node.float("ratio", 0.5);
  if (rate === 0) return [computed({ base, shape, axes })];
  const [value] = addNode(call, "dropout", { inputs: [base], options: { rate } });
  if (!(rate > 0 && rate < 1)) throw new Unsupported(`has the dropout rate ${rate}`);
  return [computed({ base: value as string, shape, axes })];
};
