import { QpruneError } from "../../base/errors.js";
import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor, float32Values } from "../../formats/safetensors/tensor-values.js";
import { gridOf } from "../../graph/model.js";
import type { ConvSpec, NetSpec } from "../../models/spec.js";
import { stateNames } from "../../models/state-names.js";
import { type Manifest, manifestToMetadata } from "../manifest.js";
import type { StateDict } from "../net-state.js";
import { packInt8, packKernel } from "./pack-kernel.js";
import type { PackedKernel } from "./packed-kernel.js";
import {
  PACKING_KEY,
  PACKING_VERSION,
  type PackedKernelInfo,
  type Packing,
  packedNames,
} from "./packing.js";

/** How kernels that are not quantized are stored: unchanged, or rounded to int8. */
export type EdgeFormat = "float32" | "int8";

/** Content of a packed file: its tensors, and how they are packed. */
export interface PackedState {
  readonly tensors: StateDict;
  readonly packing: Packing;
}

const packOne = (
  spec: NetSpec,
  index: number,
  kernel: { readonly name: string; readonly values: Float32Array },
  state: StateDict,
  edges: EdgeFormat,
): PackedKernel | undefined => {
  const { isQuantized, width } = spec.convs[index] as ConvSpec;
  const grid = isQuantized ? gridOf(spec.quantization.weights) : undefined;
  const { name, values } = kernel;
  if (!grid) return edges === "int8" ? packInt8(values, width, name) : undefined;
  const stored = state.get(packedNames(name).scale);
  const scale = stored && float32Values(stored, packedNames(name).scale);
  return packKernel(values, { filters: width, grid, scale, name });
};

const kernelTensors = (name: string, { codes, scale }: PackedKernel): [string, StoredTensor][] => {
  const names = packedNames(name);
  const fields: StoredTensor = { dtype: "U8", shape: [codes.length], data: codes };
  return [
    [names.codes, fields],
    ...(scale
      ? [[names.scale, float32Tensor([scale.length], scale)] as [string, StoredTensor]]
      : []),
  ];
};

/**
 * Packs the state dict of a net with quantized weights (`baked`) or folded batch norms (`merged`). Packing quantized
 * kernels is lossless; batch counters, which only training uses, are omitted.
 * @throws QpruneError if a weight is not on the grid of its quantization.
 */
export const packState = (
  spec: NetSpec,
  state: StateDict,
  edges: EdgeFormat = "float32",
): PackedState => {
  if (spec.form === "trainable") {
    throw new QpruneError("Latent weights cannot be packed.", {
      hint: "Quantize them first: latent weights are quantized again in every pass.",
    });
  }
  const tensors = new Map<string, StoredTensor>();
  const kernels = new Map<string, PackedKernelInfo>();
  const indexOf = new Map(stateNames(spec).map(({ conv }, index) => [`${conv}.weight`, index]));
  const scales = new Set([...indexOf.keys()].map((name) => packedNames(name).scale));
  for (const [name, tensor] of state) {
    if (name.endsWith(".num_batches_tracked") || scales.has(name)) continue;
    const index = indexOf.get(name);
    const packed =
      index === undefined
        ? undefined
        : packOne(spec, index, { name, values: float32Values(tensor, name) }, state, edges);
    if (!packed) {
      tensors.set(name, tensor);
      continue;
    }
    for (const [key, value] of kernelTensors(name, packed)) tensors.set(key, value);
    const [a, b, c, d] = tensor.shape as [number, number, number, number];
    kernels.set(name, { grid: packed.grid, bits: packed.bits, shape: [a, b, c, d] });
  }
  return { tensors, packing: { version: PACKING_VERSION, kernels: Object.fromEntries(kernels) } };
};

/**
 * Writes a packed state dict with its manifest as safetensors (docs/packed-format.md); an existing file stays until
 * the new one is complete.
 */
export const writePackedCheckpoint = async (
  path: string,
  { tensors, packing }: PackedState,
  manifest: Manifest,
): Promise<void> => {
  const metadata = { ...manifestToMetadata(manifest), [PACKING_KEY]: JSON.stringify(packing) };
  await writeFileAtomically(path, encodeSafetensors(tensors, metadata));
};
