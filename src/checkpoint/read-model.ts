import { QpruneError } from "../base/errors.js";
import {
  type Graph,
  type Node,
  type NodeInGraph,
  nodesInGraph,
  parametersOf,
} from "../graph/graph.js";
import type { ParameterFacts } from "../graph/kinds/kind.js";
import { gridOf, type Model, type WeightValue } from "../graph/model.js";
import { firstOffGrid, toQuantizedTensor } from "../quant/numbers/quantized-tensor.js";
import type { Checkpoint } from "./checkpoint.js";
import { storedCodesOf } from "./tensors/hysteresis-codes.js";
import { lookUp, readTensor } from "./tensors/net-state.js";

/** The parts of a checkpoint that contain the numbers of its net. */
export type StoredNumbers = Pick<Checkpoint, "state" | "path" | "manifest" | "quantized">;

interface StoredParameter {
  readonly node: Node;
  readonly facts: ParameterFacts;
  /** Its name in the state dict. */
  readonly name: string;
}

/** The weights of a kernel that is quantized already, as codes. */
const readCodes = (
  numbers: StoredNumbers,
  { name, facts }: StoredParameter,
  grid: NonNullable<ReturnType<typeof gridOf>>,
): WeightValue => {
  const packed = numbers.quantized?.get(name);
  if (packed) return packed;
  const { state, path } = numbers;
  const { shape } = facts;
  const values = readTensor(state, name, shape, path);
  const scaleName = `${name}_scale`;
  const scale = lookUp(state, scaleName) && readTensor(state, scaleName, shape.slice(0, 1), path);
  const tensor = toQuantizedTensor(values, { shape, grid, scale });
  const index = firstOffGrid(tensor, values);
  if (index < 0) return tensor;
  throw new QpruneError(
    `${path}: weight ${index} of ${name} is ${values[index]}, which is not on its ${grid.kind} grid.`,
    { hint: "The file's weights do not match its description; use another copy of it." },
  );
};

const readKernel = (numbers: StoredNumbers, parameter: StoredParameter): WeightValue => {
  const { node, name, facts } = parameter;
  const { state, path, manifest } = numbers;
  const isWeighted = node.kind === "conv" || node.kind === "dense";
  const grid = isWeighted ? gridOf(node.quantizer) : undefined;
  if (grid && isWeighted && node.stored !== "latent") return readCodes(numbers, parameter, grid);
  const values = readTensor(state, name, facts.shape, path);
  const lastCodes = storedCodesOf(manifest?.ternaryCodes, name, values.length);
  return { kind: "float", shape: facts.shape, values, ...(lastCodes && { lastCodes }) };
};

const readVariance = ({ state, path }: StoredNumbers, { name, facts }: StoredParameter) => {
  const values = readTensor(state, name, facts.shape, path);
  if (values.every((value) => value >= 0)) return values;
  throw new QpruneError(`${path}: tensor ${name} contains negative variances.`, {
    hint: "Use another copy of the file: this one is damaged.",
  });
};

/** The value of a parameter; undefined for those that a model does not hold, and for optional ones that are absent. */
const readParameter = (
  numbers: StoredNumbers,
  parameter: StoredParameter,
): WeightValue | undefined => {
  const { name, facts } = parameter;
  const { state, path } = numbers;
  const float = (values: Float32Array) => ({ kind: "float", shape: facts.shape, values }) as const;
  switch (facts.role) {
    case "counter":
    case "kernelScale":
      return undefined;
    case "kernel":
      return readKernel(numbers, parameter);
    case "variance":
      return float(readVariance(numbers, parameter));
    default:
      if (facts.isOptional && !lookUp(state, name)) return undefined;
      return float(readTensor(state, name, facts.shape, path));
  }
};

const parametersIn = (placed: NodeInGraph): StoredParameter[] =>
  parametersOf(placed).map((facts) => ({
    node: placed.node,
    facts,
    name: `${placed.node.name}.${facts.suffix}`,
  }));

/**
 * Reads the numbers of a net from a checkpoint, without an engine. Weights that are quantized already become codes;
 * batch counters, which only training uses, are left out.
 * @throws QpruneError naming the first tensor that is missing or does not fit its node, or the first weight that is not
 * on the grid of its quantizer.
 */
export const readModel = (numbers: StoredNumbers, graph: Graph): Model => {
  const weights = new Map<string, WeightValue>();
  for (const parameter of nodesInGraph(graph).flatMap(parametersIn)) {
    const value = readParameter(numbers, parameter);
    if (value) weights.set(parameter.name, value);
  }
  return { graph, weights };
};
