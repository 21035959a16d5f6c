import { type Graph, type NodeOf, shapesOf, type ValueId } from "../../graph/graph.js";
import { hasMeans, inputQuantizer } from "../../graph/input-quantizer.js";
import { storesRange } from "../../graph/quantizers.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import { codeLevels } from "../../quant/numbers/grids.js";
import { type Activation, codesOf } from "../../tensor/ops/activation.js";
import { hasDepthwiseKernel, hasFilterPerChannel } from "../../tensor/ops/depthwise-conv.js";
import { BF16, FLOAT32, type Storage } from "../../tensor/storage.js";
import type { Precision } from "../precision.js";
import { functionOf, type Step } from "./steps.js";

/** Height, width and channels. */
const MAP_AXES = 3;

type ConvStep = Extract<Step, { kind: "conv" }>;
type NodeStep = Extract<Step, { kind: "node" }>;

/** The levels of a convolution's input if it computes with integer codes; null if it computes in floats. */
export const codeLevelsOf = (graph: Graph, { quantizer, inputs }: ConvStep["node"]) => {
  const [input] = inputs as readonly [ValueId];
  if (hasMeans(graph, input)) return null;
  return codeLevels({
    weights: quantizer,
    activations: inputQuantizer(graph, input) ?? { kind: "float" },
  });
};

/** The facts about a net that decide how its values are stored. */
interface Facts {
  readonly graph: Graph;
  readonly isMap: (value: ValueId) => boolean;
  readonly channels: (value: ValueId) => number;
  /** Whether norms use the statistics of all workers, which is computed with floats. */
  readonly isSynced: boolean;
  /** Values that are stored as floats in any case. */
  readonly floats: ReadonlySet<ValueId>;
  readonly producerOf: (value: ValueId) => Step | undefined;
  readonly readersOf: (value: ValueId) => readonly Step[];
  /** The storages of the values of later steps. */
  readonly chosen: ReadonlyMap<ValueId, Storage>;
}

const isQuantized = ({ graph }: Facts, value: ValueId): boolean => {
  const quantizer = inputQuantizer(graph, value);
  return quantizer !== null && quantizer.kind !== "float";
};

/** What an activation's values can be stored as, the best first. Quantized ones must not be rounded, but where they are anyway. */
const afterActivation = (activation: Activation): readonly Storage[] => {
  const codes = codesOf(activation);
  return codes ? [codes, BF16] : activation.kind === "affine" ? [] : [BF16];
};

/** What a max pool gives: the codes of its input if it alone reads it; otherwise quantized values must not be rounded. */
const afterMaxPool = (facts: Facts, node: NodeOf<"maxPool">): readonly Storage[] => {
  if (!isQuantized(facts, node.name)) return [BF16];
  const [input] = node.inputs as readonly [ValueId];
  const producer = facts.producerOf(input);
  if (!producer || facts.floats.has(input) || facts.readersOf(input).length > 1) return [];
  return offered(facts, producer).filter(({ kind }) => kind === "codes");
};

const offeredByNode = (facts: Facts, { node }: NodeStep): readonly Storage[] => {
  switch (node.kind) {
    case "maxPool":
      return afterMaxPool(facts, node);
    case "averagePool":
      return [BF16];
    case "activation":
      return afterActivation(functionOf(node));
    case "quantize":
      return storesRange(node.quantizer)
        ? []
        : afterActivation(quantizerActivation(node.quantizer));
    default:
      return [];
  }
};

const kernelShapeIn = (facts: Facts, node: ConvStep["node"]): number[] => {
  const [input] = node.inputs as readonly [ValueId];
  return [...node.kernel, facts.channels(input) / node.groups, node.filters];
};

/** Whether a convolution has several filters for each channel, which are always computed from floats. */
const isMultiplying = (facts: Facts, node: ConvStep["node"]): boolean => {
  const shape = kernelShapeIn(facts, node);
  return hasDepthwiseKernel(shape, node.groups) && !hasFilterPerChannel(shape, node.groups);
};

/** What a step can store its output as, the best first; floats if nothing of it suits all readers. */
const offered = (facts: Facts, step: Step): readonly Storage[] => {
  if (step.outputs.some((value) => !facts.isMap(value))) return [];
  switch (step.kind) {
    case "conv":
      if (step.tail) return afterActivation(step.tail.activation);
      return step.addsBias || isMultiplying(facts, step.node) ? [] : [BF16];
    case "norm":
      return facts.isSynced ? [] : afterActivation(step.tail.activation);
    case "affine":
      return [];
    case "node":
      return offeredByNode(facts, step);
  }
};

/** Whether a convolution computes from an input with a storage other than floats. */
const convTakes = (facts: Facts, { node }: ConvStep, storage: Storage): boolean => {
  const [input] = node.inputs as readonly [ValueId];
  const kernelShape = kernelShapeIn(facts, node);
  const isDepthwise = hasDepthwiseKernel(kernelShape, node.groups);
  const levels = codeLevelsOf(facts.graph, node);
  if (levels !== null) {
    // Kernels of codes take those with a sign only if they are -1, 0 and 1.
    const fits = storage.kind === "codes" && (!storage.isSigned || storage.levels === 1);
    return fits && storage.levels === levels && !isDepthwise;
  }
  if (storage.kind === "codes") return false;
  // A depthwise one multiplies floats, which quantized values must be exactly.
  return (
    !isDepthwise || (hasFilterPerChannel(kernelShape, node.groups) && !isQuantized(facts, input))
  );
};

/** Whether a node that runs as a step of its own computes from values in bfloat16. */
const nodeTakes = ({ node }: NodeStep): boolean => {
  switch (node.kind) {
    case "activation":
    case "averagePool":
    case "maxPool":
      return true;
    case "quantize":
      return !storesRange(node.quantizer);
    default:
      return false;
  }
};

const takes = (facts: Facts, step: Step, value: ValueId, storage: Storage): boolean => {
  if (step.kind === "conv") return convTakes(facts, step, storage);
  if (storage.kind === "codes" && step.node.kind === "maxPool")
    return facts.chosen.get(step.node.name)?.kind === "codes";
  if (storage.kind === "codes" || isQuantized(facts, value)) return false;
  switch (step.kind) {
    case "norm":
      return !facts.isSynced;
    case "node":
      return nodeTakes(step);
    case "affine":
      return false;
  }
};

export interface StorageOptions {
  readonly precision: Precision;
  /** Values that are stored as floats in any case: others than the steps read them. */
  readonly floats: ReadonlySet<ValueId>;
  readonly isSynced: boolean;
}

/**
 * How the maps between the steps of a net are stored. In float32 all are floats. In bf16, a value is stored as the best that the
 * step before it offers and all steps after it take; the numbers that are multiplied are the same, what is added to and normalized
 * is rounded. Values that are missing are floats.
 */
export const storagesOf = (
  graph: Graph,
  steps: readonly Step[],
  { precision, floats, isSynced }: StorageOptions,
): ReadonlyMap<ValueId, Storage> => {
  if (precision === "float32") return new Map();
  const shapes = shapesOf(graph);
  const chosen = new Map<ValueId, Storage>();
  const facts: Facts = {
    graph,
    isMap: (value) => shapes.get(value)?.length === MAP_AXES,
    channels: (value) => shapes.get(value)?.at(-1) ?? 1,
    isSynced,
    floats,
    producerOf: (value) => steps.find(({ outputs }) => outputs.includes(value)),
    readersOf: (value) => steps.filter(({ inputs }) => inputs.includes(value)),
    chosen,
  };
  // What a max pool takes depends on what it gives.
  for (const step of [...steps].reverse())
    for (const value of step.outputs) {
      if (floats.has(value)) continue;
      const suits = (storage: Storage): boolean =>
        facts.readersOf(value).every((reader) => takes(facts, reader, value, storage));
      chosen.set(value, offered(facts, step).find(suits) ?? FLOAT32);
    }
  return chosen;
};
