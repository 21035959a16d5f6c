import { QpruneError } from "../base/errors.js";
import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  outputValue,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../graph/graph.js";
import type { Model, QuantizedTensor } from "../graph/model.js";
import { nodesByName } from "../graph/producers.js";
import type { AffineActivation } from "../graph/quantizers.js";
import type { Shape } from "../graph/shape.js";
import { isWeighted, type WeightedNode } from "../graph/stored-form.js";
import { NO_PADDING, ONE } from "../graph/window.js";
import { fixedPoint, type Rounding, roundAway } from "./fixed-point.js";
import { functionTable } from "./function-table.js";
import type {
  IntegerGrid,
  IntegerOutput,
  IntegerPlan,
  IntegerStep,
  IntegerValue,
  SumOutput,
} from "./integer-plan.js";
import { moveSources } from "./move-sources.js";

/** The largest magnitude of a bias in int32. */
const INT32_MAX = 2 ** 31 - 1;

/** A net under planning. */
interface Planning {
  readonly graph: Graph;
  readonly weights: Model["weights"];
  readonly shapes: ReadonlyMap<ValueId, Shape>;
  readonly consumers: ReadonlyMap<ValueId, readonly Consumer[]>;
  readonly byName: ReadonlyMap<string, Node>;
  /** Values in codes so far. */
  readonly values: Map<ValueId, IntegerValue>;
  /** Nodes that run within an earlier step. */
  readonly fused: Set<string>;
}

const refused = (node: Node, why: string): QpruneError =>
  new QpruneError(
    `${node.name} (${node.kind}) ${why}, so the net does not compute with integers alone.`,
    {
      hint: "Quantize the net with ptq, without layers in full precision.",
    },
  );

/** A quantizer's grid with codes that have a sign. */
const gridOf = (node: Node, { bits, range }: AffineActivation): IntegerGrid => {
  if (range.kind !== "fixed") throw refused(node, "has a range that is still trained");
  const middle = 2 ** (bits - 1);
  return { scale: range.scale, zero: range.zero - middle, least: -middle, most: middle - 1 };
};

type Clamp = "none" | "relu" | "relu6";

/** The least and the largest code that a clamp leaves (TensorFlow Lite's CalculateActivationRangeQuantized). */
const limitsOf = ({ scale, zero, least, most }: IntegerGrid, clamp: Clamp) => {
  const low = clamp === "none" ? least : Math.max(least, zero);
  const high = clamp === "relu6" ? Math.min(most, zero + roundAway(6 / scale)) : most;
  return { low, high };
};

const isClamp = (node: Node | null | undefined): node is NodeOf<"activation"> =>
  node?.kind === "activation" && (node.function === "relu" || node.function === "relu6");

/** The quantizers that read what a node computes, directly or after its ReLU, as outputs of its step. */
const outputsOf = (planning: Planning, node: Node): IntegerOutput[] => {
  const { consumers, shapes, values, fused } = planning;
  let value: ValueId = node.name;
  let clamp: Clamp = "none";
  const [only, ...others] = consumers.get(value) ?? [];
  if (others.length === 0 && isClamp(only?.node)) {
    clamp = only.node.function as Clamp;
    fused.add(only.node.name);
    value = only.node.name;
  }
  return (consumers.get(value) ?? []).flatMap(({ node: next }): IntegerOutput[] => {
    if (next === null) return [];
    if (next.kind !== "quantize" || next.quantizer.kind !== "affine")
      throw refused(next, "reads values that are not quantized");
    if (fused.has(next.name)) return [];
    fused.add(next.name);
    const grid = gridOf(next, next.quantizer);
    const own = { name: next.name, shape: shapes.get(value) as Shape, grid };
    values.set(next.name, own);
    return [{ ...own, ...limitsOf(grid, clamp) }];
  });
};

const inputOf = ({ values }: Planning, node: Node, at = 0): IntegerValue => {
  const value = values.get(node.inputs[at] as ValueId);
  if (!value) throw refused(node, "reads values that are not quantized");
  return value;
};

const kernelOf = ({ weights }: Planning, node: WeightedNode): QuantizedTensor => {
  const kernel = weights.get(`${node.name}.weight`);
  if (kernel?.kind === "quantized" && kernel.grid.kind === "affine") return kernel;
  throw refused(node, "has weights that are no integers");
};

const biasOf = ({ weights }: Planning, node: WeightedNode, scales: Float64Array): Int32Array => {
  const bias = weights.get(`${node.name}.bias`);
  return Int32Array.from(scales, (scale, filter) => {
    const value = bias?.kind === "float" ? (bias.values[filter] as number) : 0;
    return Math.max(-INT32_MAX, Math.min(INT32_MAX, roundAway(value / scale)));
  });
};

const isOutputOf = ({ consumers }: Planning, node: Node): boolean =>
  (consumers.get(node.name) ?? []).some(({ node: next }) => next === null);

const planLayer = (planning: Planning, node: WeightedNode): IntegerStep => {
  const input = inputOf(planning, node);
  const kernel = kernelOf(planning, node);
  const scales = Float64Array.from(kernel.scale, (scale) => input.grid.scale * scale);
  const outputs = outputsOf(planning, node).map(
    (output): SumOutput => ({
      ...output,
      multipliers: Array.from(scales, (scale) => fixedPoint(scale / output.grid.scale)),
    }),
  );
  const geometry =
    node.kind === "conv"
      ? node
      : { kernel: ONE, stride: ONE, padding: NO_PADDING, dilation: ONE, groups: 1 };
  const { kernel: sides, stride, padding, dilation, groups } = geometry;
  return {
    kind: "conv",
    name: node.name,
    shape: planning.shapes.get(node.name) as Shape,
    input,
    geometry: { kernel: sides, stride, padding, dilation, groups },
    weights: kernel.codes,
    filters: kernel.scale.length,
    scales: kernel.scale,
    bias: biasOf(planning, node, scales),
    outputs,
    isOutput: isOutputOf(planning, node),
  };
};

/** The grid of a value that a node only moves or chooses. */
const movedValue = (planning: Planning, node: Node, name: ValueId = node.name): IntegerValue => {
  const inputs = node.inputs.map((_, at) => inputOf(planning, node, at));
  const [{ grid }] = inputs as [IntegerValue];
  if (inputs.some((other) => other.grid.scale !== grid.scale || other.grid.zero !== grid.zero))
    throw refused(node, "joins values of different scales");
  const value = { name, shape: planning.shapes.get(name) as Shape, grid };
  planning.values.set(name, value);
  return value;
};

const planMoves = (planning: Planning, node: Node): IntegerStep[] => {
  const inputs = node.inputs.map((_, at) => inputOf(planning, node, at));
  return valuesOf(node).map(
    (name, part): IntegerStep => ({
      kind: "move",
      node,
      part,
      inputs,
      sources: moveSources(
        node,
        inputs.map(({ shape }) => shape),
        part,
      ),
      output: movedValue(planning, node, name),
    }),
  );
};

const planPool = (
  planning: Planning,
  node: NodeOf<"averagePool" | "maxPool">,
  output: IntegerValue,
): IntegerStep => {
  const { kind, kernel, stride, padding } = node;
  const countsPadding = kind === "averagePool" && node.countsPadding;
  return { kind, input: inputOf(planning, node), kernel, stride, padding, countsPadding, output };
};

/** A step whose output only a quantizer reads, of the same grid as its input. */
const planAverage = (planning: Planning, node: NodeOf<"averagePool">): IntegerStep => {
  const input = inputOf(planning, node);
  const [output, ...others] = outputsOf(planning, node);
  const isSame = output?.grid.scale === input.grid.scale && output.grid.zero === input.grid.zero;
  if (!output || others.length > 0 || !isSame)
    throw refused(node, "changes the scale of its input");
  return planPool(planning, node, output);
};

const planMean = (planning: Planning, node: NodeOf<"globalPool">): IntegerStep => ({
  kind: "mean",
  name: node.name,
  input: inputOf(planning, node),
  outputs: outputsOf(planning, node),
  isOutput: isOutputOf(planning, node),
});

const planActivation = (planning: Planning, node: NodeOf<"activation">): IntegerStep => {
  const input = inputOf(planning, node);
  if (isClamp(node)) {
    const output = movedValue(planning, node);
    const limits = limitsOf(output.grid, node.function as Clamp);
    return { kind: "clamp", input, output: { ...output, ...limits } };
  }
  const [output, ...others] = outputsOf(planning, node);
  if (!output || others.length > 0) throw refused(node, "is read in several precisions");
  const table = functionTable(node, input.grid, output.grid);
  return { kind: "table", node, input, table, output };
};

const planQuantizer = (planning: Planning, node: NodeOf<"quantize">): IntegerStep => {
  if (node.quantizer.kind !== "affine") throw refused(node, "is no affine quantizer");
  const input = inputOf(planning, node);
  const grid = gridOf(node, node.quantizer);
  const own = { name: node.name, shape: input.shape, grid };
  planning.values.set(node.name, own);
  return { kind: "rescale", input, output: { ...own, ...limitsOf(grid, "none") } };
};

const planNode = (planning: Planning, node: Node): IntegerStep[] => {
  if (isWeighted(node)) return [planLayer(planning, node)];
  switch (node.kind) {
    case "add":
    case "multiply": {
      const inputs = node.inputs.map((_, at) => inputOf(planning, node, at));
      return [{ kind: node.kind, inputs, outputs: outputsOf(planning, node) }];
    }
    case "averagePool":
      return [planAverage(planning, node)];
    case "maxPool":
      return [planPool(planning, node, movedValue(planning, node))];
    case "globalPool":
      if (node.function === "mean") return [planMean(planning, node)];
      throw refused(node, "has no integer arithmetic");
    case "activation":
      return [planActivation(planning, node)];
    case "quantize":
      return [planQuantizer(planning, node)];
    case "concat":
    case "flatten":
    case "pad":
    case "pixelShuffle":
    case "reshape":
    case "resize":
    case "shuffle":
    case "split":
      return planMoves(planning, node);
    default:
      throw refused(node, "has no integer arithmetic");
  }
};

/** The quantizer of the images. */
const inputValue = (planning: Planning): IntegerValue => {
  const [images] = planning.graph.inputs;
  const name = images?.name ?? "";
  const readers = (planning.consumers.get(name) ?? []).map(({ node }) => node);
  const [first, ...others] = readers;
  if (first?.kind !== "quantize" || first.quantizer.kind !== "affine" || others.length > 0)
    throw new QpruneError(
      "The images are not quantized, so the net does not compute with integers alone.",
      {
        hint: "Quantize the net with ptq.",
      },
    );
  planning.fused.add(first.name);
  const value = {
    name: first.name,
    shape: planning.shapes.get(name) as Shape,
    grid: gridOf(first, first.quantizer),
  };
  planning.values.set(first.name, value);
  return value;
};

/**
 * The integer meaning of a merged model of affine weights and activations: every layer as int32 sums of products of codes, which
 * fixed-point multipliers bring to the scale of the output, with biases in int32 (Jacob et al. 2018, section 2).
 * @throws QpruneError that names the first node that needs floats.
 */
export const planIntegers = (
  { graph, weights }: Model,
  rounding: Rounding = "double",
): IntegerPlan => {
  const shapes = shapesOf(graph);
  const planning: Planning = {
    graph,
    weights,
    shapes,
    consumers: consumersOf(graph),
    byName: nodesByName(graph),
    values: new Map(),
    fused: new Set(),
  };
  const input = inputValue(planning);
  const steps = graph.nodes.flatMap((node) =>
    planning.fused.has(node.name) ? [] : planNode(planning, node),
  );
  const output = outputValue(graph);
  const last = graph.nodes.find(({ name }) => name === output);
  const isSum = steps.some((step) => "isOutput" in step && step.isOutput);
  if (last && !isSum && !planning.values.has(output)) throw refused(last, "ends the net");
  return { rounding, input, steps, output, outputShape: shapes.get(output) as Shape };
};
