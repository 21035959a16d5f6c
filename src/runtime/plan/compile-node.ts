import { slide } from "../../base/sliding-window.js";
import type { Node, NodeKind, NodeOf, ValueId } from "../../graph/graph.js";
import type { MapShape } from "../../graph/shape.js";
import { functionOf } from "../../models/executor/steps.js";
import { windowAreas } from "../../tensor/ops/window-areas.js";
import { compileDense } from "./compile-conv.js";
import type { Draft } from "./draft.js";
import { integerWeights } from "./integer-weights.js";
import {
  type Codes,
  FLOATS,
  type Format,
  MOST_BYTE,
  type PlanStep,
  type PlanWindow,
} from "./plan.js";
import { numbersOf, quantizeActivation } from "./read-tails.js";

const NOTHING = { bias: null, affine: null, shuffleGroups: 1 } as const;
/** The largest code of two bytes, which products take as signed. */
const MOST_SHORT = 2 ** 15 - 1;

const only = ({ inputs: [input] }: Node): ValueId => input as ValueId;

const windowOf = (
  node: NodeOf<"maxPool" | "averagePool">,
  [height, width, channels]: MapShape,
): PlanWindow => {
  const { kernel, stride, padding } = node;
  const [outHeight, outWidth] = slide(height, width, node);
  const sides = { height, width, channels, outHeight, outWidth };
  return { ...sides, kernel, stride, padding, dilation: [1, 1] };
};

/** Adds a step that keeps the format of its input. */
const keepFormat = (
  draft: Draft,
  node: Node,
  step:
    | { readonly kind: "maxPool"; readonly window: PlanWindow }
    | { readonly kind: "reshape" }
    | { readonly kind: "pixelShuffle"; readonly factor: number }
    | { readonly kind: "shuffle"; readonly groups: number }
    | { readonly kind: "globalPool"; readonly function: "max" },
): void => {
  const input = draft.indexOf(only(node));
  const output = draft.addValue(node.name, draft.formatOf(only(node)));
  draft.addStep({ ...step, input, output });
};

/** Whether the only reader of a value is a convolution over all its channels that takes these codes. */
const isConvolved = (draft: Draft, value: ValueId, codes: Codes): boolean => {
  const step = draft.onlyReader(value)?.step;
  if (step?.kind !== "conv" || step.node.groups > 1) return false;
  const kernel = draft.model.weights.get(`${step.node.name}.weight`);
  return kernel?.kind === "quantized" && integerWeights(kernel, codes) !== undefined;
};

/** The codes of sums over windows of `area` values each; undefined if their reader takes none. */
const sumCodes = (
  draft: Draft,
  node: NodeOf<"averagePool">,
  areas: Float32Array,
): Codes | undefined => {
  const [area = 0] = areas;
  const format = draft.formatOf(only(node));
  if (format.kind === "floats" || !areas.every((each) => each === area)) return undefined;
  const { levels, zero, top } = format;
  const codes = {
    kind: "codes",
    levels: levels * area,
    zero: zero * area,
    top: top * area,
  } as const;
  if (codes.top <= MOST_BYTE) return codes;
  return codes.top <= MOST_SHORT && isConvolved(draft, node.name, codes) ? codes : undefined;
};

const addAveragePool = (draft: Draft, node: NodeOf<"averagePool">): void => {
  const [height, width, channels] = draft.shapeOf(only(node));
  const window = windowOf(node, [height, width, channels]);
  const areas = windowAreas(height, width, node);
  const codes = sumCodes(draft, node, areas);
  if (codes) {
    const input = draft.indexOf(only(node));
    const output = draft.addValue(node.name, codes);
    draft.addStep({ kind: "sumPool", input, output, window });
    return;
  }
  const input = draft.floatsOf(only(node));
  const output = draft.addValue(node.name, FLOATS);
  draft.addStep({ kind: "averagePool", input, output, window, areas });
};

const isSameFormat = (one: Format, other: Format): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const addConcat = (draft: Draft, node: NodeOf<"concat">): void => {
  const formats = node.inputs.map(draft.formatOf);
  const [first = FLOATS] = formats;
  const isShared = formats.every((format) => isSameFormat(format, first));
  const inputs = node.inputs.map(isShared ? draft.indexOf : draft.floatsOf);
  const output = draft.addValue(node.name, isShared ? first : FLOATS);
  draft.addStep({ kind: "concat", inputs, output });
};

/** The code of a constant; undefined if it is none. */
const codeOf = (format: Format, value: number): number | undefined => {
  if (format.kind === "floats") return undefined;
  const code = value * format.levels + format.zero;
  return Number.isInteger(code) && code >= 0 && code <= format.top ? code : undefined;
};

const addPad = (draft: Draft, node: NodeOf<"pad">): void => {
  const { padding, channels: [channelsBefore] = [0, 0], value } = node;
  const format = draft.formatOf(only(node));
  const code = codeOf(format, value);
  const input = code === undefined ? draft.floatsOf(only(node)) : draft.indexOf(only(node));
  const output = draft.addValue(node.name, code === undefined ? FLOATS : format);
  const own = code ?? Math.fround(value);
  draft.addStep({ kind: "pad", input, output, padding, channelsBefore, value: own });
};

const addSplit = (draft: Draft, node: NodeOf<"split">, outputs: readonly ValueId[]): void => {
  const input = draft.indexOf(only(node));
  let firstChannel = 0;
  for (const [at, value] of outputs.entries()) {
    const output = draft.addValue(value, draft.formatOf(only(node)));
    draft.addStep({ kind: "slice", input, output, firstChannel });
    firstChannel += node.sizes[at] as number;
  }
};

const POOLS: ReadonlySet<PlanStep["kind"]> = new Set(["maxPool", "averagePool", "sumPool"]);

/**
 * Shuffles the channels before the pool that precedes a shuffle, in the tail of the step before it, which costs next to nothing: pools
 * treat all channels alike. Returns whether that is possible.
 */
const shuffleBeforePool = (draft: Draft, node: NodeOf<"shuffle">): boolean => {
  const [before, pool] = draft.steps.slice(-2);
  const poolNode = draft.model.graph.nodes.find(({ name }) => name === only(node));
  if (!before || !pool || !poolNode || !POOLS.has(pool.kind)) return false;
  if (before.kind !== "conv" && before.kind !== "tail") return false;
  const value = only(poolNode);
  const isAlone =
    draft.onlyReader(poolNode.name) !== null &&
    draft.onlyReader(value) !== null &&
    pool.output === draft.indexOf(poolNode.name) &&
    before.output === draft.indexOf(value) &&
    draft.values[before.output]?.name === value;
  if (!isAlone || before.tail.shuffleGroups > 1) return false;
  const tail = { ...before.tail, shuffleGroups: node.groups };
  draft.replaceStep(draft.steps.length - 2, { ...before, tail });
  draft.alias(node.name, poolNode.name);
  return true;
};

type PlainKind = Exclude<NodeKind, "batchNorm" | "affine" | "conv">;

const inFloats = (draft: Draft, node: Node) => ({
  input: draft.floatsOf(only(node)),
  output: draft.addValue(node.name, FLOATS),
});

const compilers: {
  readonly [K in PlainKind]: (draft: Draft, node: NodeOf<K>, outputs: readonly ValueId[]) => void;
} = {
  activation: (draft, node) =>
    draft.addTail(only(node), node.name, { ...NOTHING, activation: functionOf(node) }),
  add: (draft, { inputs, name }) =>
    draft.addStep({
      kind: "add",
      inputs: inputs.map(draft.floatsOf),
      output: draft.addValue(name, FLOATS),
    }),
  averagePool: addAveragePool,
  concat: addConcat,
  dense: compileDense,
  dropout: (draft, node) => draft.alias(node.name, only(node)),
  flatten: (draft, node) => keepFormat(draft, node, { kind: "reshape" }),
  globalPool: (draft, node) => {
    if (node.function === "max") keepFormat(draft, node, { kind: "globalPool", function: "max" });
    else draft.addStep({ kind: "globalPool", function: "mean", ...inFloats(draft, node) });
  },
  maxPool: (draft, node) =>
    keepFormat(draft, node, {
      kind: "maxPool",
      window: windowOf(node, draft.shapeOf(only(node))),
    }),
  multiply: (draft, { inputs, name }) =>
    draft.addStep({
      kind: "multiply",
      inputs: inputs.map(draft.floatsOf),
      output: draft.addValue(name, FLOATS),
    }),
  pad: addPad,
  pixelShuffle: (draft, node) =>
    keepFormat(draft, node, { kind: "pixelShuffle", factor: node.factor }),
  prelu: (draft, node) =>
    draft.addStep({
      kind: "prelu",
      slope: numbersOf(draft.model, `${node.name}.weight`) as Float32Array,
      ...inFloats(draft, node),
    }),
  quantize: (draft, node) =>
    draft.addTail(only(node), node.name, {
      ...NOTHING,
      activation: quantizeActivation(draft.model, node),
    }),
  reshape: (draft, node) => keepFormat(draft, node, { kind: "reshape" }),
  resize: (draft, { method, alignsCorners, ...node }) =>
    draft.addStep({
      kind: "resize",
      method,
      alignsCorners,
      ...inFloats(draft, { method, alignsCorners, ...node }),
    }),
  shuffle: (draft, node) => {
    if (!shuffleBeforePool(draft, node))
      keepFormat(draft, node, { kind: "shuffle", groups: node.groups });
  },
  softmax: (draft, node) => draft.addStep({ kind: "softmax", ...inFloats(draft, node) }),
  split: addSplit,
};

/** Adds the steps of a node that runs by itself. */
export const compileNode = (
  draft: Draft,
  node: NodeOf<PlainKind>,
  outputs: readonly ValueId[],
): void => {
  // The table maps each kind to a function of its own nodes, which TypeScript does not follow through the lookup.
  const compile = compilers[node.kind] as (
    draft: Draft,
    node: Node,
    outputs: readonly ValueId[],
  ) => void;
  compile(draft, node, outputs);
};
