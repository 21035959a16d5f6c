import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor, int64Tensor } from "../../formats/safetensors/tensor-values.js";
import { gridOf } from "../../graph/model.js";
import type { NetSpec } from "../../models/spec.js";
import type { StateDict } from "../net-state.js";
import { checkPacking } from "./check-packing.js";
import { unpackKernel } from "./packed-kernel.js";
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

/**
 * Unpacks the tensors of a packed file into a dense state dict, after checking them.
 * @throws QpruneError naming the first kernel that does not fit the spec or its own bytes.
 */
export const unpackState = (
  tensors: StateDict,
  packing: Packing,
  spec: NetSpec,
  path: string,
): StateDict => {
  const kernels = checkPacking(tensors, packing, spec, path);
  // A dense merged net stores the scales of DoReFa kernels; those of signs follow from the weights.
  const keepsScale = spec.form === "merged" && gridOf(spec.quantization.weights)?.kind === "dorefa";
  const scales = new Set([...kernels.values()].map(({ name }) => packedNames(name).scale));
  return new Map(
    [...tensors].flatMap(([key, tensor]): Entries => {
      if (scales.has(key)) return [];
      const kernel = kernels.get(key);
      if (!kernel) return withCounter(key, tensor);
      const { name, shape, packed, count } = kernel;
      const filters = shape[0];
      const dense = float32Tensor(shape, unpackKernel(packed, count, filters));
      if (!keepsScale || packed.grid !== "dorefa") return [[name, dense]];
      const scale = packed.scale ?? new Float32Array(filters).fill(1);
      return [
        [name, dense],
        [packedNames(name).scale, float32Tensor([filters], scale)],
      ];
    }),
  );
};
