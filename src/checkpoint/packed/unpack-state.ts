import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor, int64Tensor } from "../../formats/safetensors/tensor-values.js";
import type { Graph } from "../../graph/graph.js";
import type { QuantizedTensor } from "../../graph/model.js";
import { weightedNodes } from "../../graph/stored-form.js";
import type { StateDict } from "../tensors/net-state.js";
import { checkPacking, type StoredKernel } from "./check-packing.js";
import { unpackCodes, unpackKernel } from "./packed-kernel.js";
import { type Packing, packedNames } from "./packing.js";

type Entries = [string, StoredTensor][];

/** Adds a norm's batch counter after its running variance, as in a dense state dict. */
const withCounter = (name: string, tensor: StoredTensor): Entries =>
  name.endsWith(".running_var")
    ? [
        [name, tensor],
        [name.replace(/running_var$/, "num_batches_tracked"), int64Tensor([], [0])],
      ]
    : [[name, tensor]];

/** The dense tensors of a kernel. The scales of signs follow from the weights; those of the other grids are stored. */
const denseTensors = ({ name, shape, packed, count }: StoredKernel, isMerged: boolean): Entries => {
  const hasScales = packed.grid === "affine" || (isMerged && packed.grid === "dorefa");
  const [filters] = shape as [number];
  const dense = float32Tensor(shape, unpackKernel(packed, count, filters));
  if (!hasScales) return [[name, dense]];
  const scale = packed.scale ?? new Float32Array(filters).fill(1);
  return [
    [name, dense],
    [packedNames(name).scale, float32Tensor([filters], scale)],
  ];
};

/** The tensors of an unpacked file. */
export interface UnpackedState {
  /** As of a dense file. */
  readonly state: StateDict;
  /** The quantized kernels by name as codes. */
  readonly quantized: ReadonlyMap<string, QuantizedTensor>;
}

/**
 * Unpacks the tensors of a packed file, after checking them.
 * @throws QpruneError naming the first kernel that does not fit the graph or its own bytes.
 */
export const unpackState = (
  tensors: StateDict,
  packing: Packing,
  graph: Graph,
  path: string,
): UnpackedState => {
  const kernels = checkPacking(tensors, packing, graph, path);
  const merged = new Set(
    weightedNodes(graph)
      .filter(({ stored }) => stored === "scaled")
      .map(({ name }) => `${name}.weight`),
  );
  const scales = new Set(
    [...kernels.values()].flatMap(({ name }) => [packedNames(name).scale, packedNames(name).zero]),
  );
  const quantized = new Map<string, QuantizedTensor>();
  for (const { name, shape, packed } of kernels.values()) {
    const tensor = unpackCodes(packed, shape);
    if (tensor) quantized.set(name, tensor);
  }
  const state = new Map(
    [...tensors].flatMap(([key, tensor]): Entries => {
      if (scales.has(key)) return [];
      const kernel = kernels.get(key);
      return kernel ? denseTensors(kernel, merged.has(kernel.name)) : withCounter(key, tensor);
    }),
  );
  return { state, quantized };
};
