import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import {
  float32Tensor,
  float32Vector,
  int64Tensor,
} from "../../formats/safetensors/tensor-values.js";
import { nodesInGraph, parametersOf } from "../../graph/graph.js";
import type { ParameterFacts } from "../../graph/kinds/kind.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { weightNumbers } from "../../quant/numbers/quantized-tensor.js";
import { type PackedCodes, packKernelCodes } from "./hysteresis-codes.js";
import type { StateDict } from "./net-state.js";

const storedValue = (
  { role, shape }: ParameterFacts,
  value: WeightValue | undefined,
  kernel: WeightValue | undefined,
): StoredTensor | undefined => {
  if (role === "counter") return int64Tensor([], [0]);
  if (role === "kernelScale")
    return kernel?.kind === "quantized" ? float32Vector(kernel.scale) : undefined;
  return value && float32Tensor(shape, weightNumbers(value));
};

/**
 * The state dict of a model, with PyTorch's names and order: the inverse of readModel. Batch counters are 0. Merged
 * DoReFa kernels are followed by their scales as `NAME.weight_scale`.
 */
export const modelState = ({ graph, weights }: Model): StateDict => {
  const state = new Map<string, StoredTensor>();
  for (const placed of nodesInGraph(graph)) {
    const prefix = placed.node.name;
    for (const facts of parametersOf(placed)) {
      const name = `${prefix}.${facts.suffix}`;
      const tensor = storedValue(facts, weights.get(name), weights.get(`${prefix}.weight`));
      if (tensor) state.set(name, tensor);
      else if (!facts.isOptional) throw new Error(`The model lacks ${name}.`);
    }
  }
  return state;
};

/** The hysteresis state of a model's latent weights, packed for a file's metadata; undefined if there is none. */
export const modelCodes = ({ weights }: Model): PackedCodes | undefined => {
  const entries = [...weights].flatMap(([name, weight]) =>
    weight.kind === "float" && weight.lastCodes
      ? [[name, packKernelCodes(weight.lastCodes)] as const]
      : [],
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};
