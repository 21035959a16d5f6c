import { QpruneError } from "../../base/errors.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../formats/safetensors/tensor-values.js";
import type { Model, WeightValue } from "../../graph/model.js";
import { storedForm, weightedNodes } from "../../graph/stored-form.js";
import { type Manifest, manifestToMetadata } from "../manifest.js";
import { modelState } from "../tensors/model-state.js";
import type { StateDict } from "../tensors/net-state.js";
import { packGridKernel, packInt8 } from "./pack-kernel.js";
import type { PackedKernel } from "./packed-kernel.js";
import {
  PACKING_KEY,
  PACKING_VERSION,
  type PackedKernelInfo,
  type Packing,
  packedNames,
} from "./packing.js";

/** How kernels that are not quantized are stored: unchanged, or rounded to int8. */
export type FirstLastFormat = "float32" | "int8";

/** Content of a packed file: its tensors, and how they are packed. */
export interface PackedState {
  readonly tensors: StateDict;
  readonly packing: Packing;
}

const packOne = (
  name: string,
  weight: WeightValue,
  edges: FirstLastFormat,
): PackedKernel | undefined => {
  if (weight.kind === "quantized") return packGridKernel(weight);
  if (edges !== "int8") return undefined;
  return packInt8(weight.values, weight.shape[0] as number, name);
};

const kernelTensors = (
  name: string,
  { codes, scale, zero }: PackedKernel,
): [string, StoredTensor][] => {
  const names = packedNames(name);
  const fields: StoredTensor = { dtype: "U8", shape: [codes.length], data: codes };
  return [
    [names.codes, fields],
    ...(scale
      ? [[names.scale, float32Tensor([scale.length], scale)] as [string, StoredTensor]]
      : []),
    ...(zero
      ? [[names.zero, { dtype: "U8", shape: [zero.length], data: zero }] as [string, StoredTensor]]
      : []),
  ];
};

/**
 * Packs the tensors of a model with quantized weights, with or without folded batch norms. Packing quantized kernels is
 * lossless; batch counters, which only training uses, are omitted.
 * @throws QpruneError if weights are latent, or a float weight to be rounded is not finite.
 */
export const packModel = (model: Model, edges: FirstLastFormat = "float32"): PackedState => {
  const { graph, weights } = model;
  if (storedForm(graph) === "latent") {
    throw new QpruneError("Latent weights cannot be packed.", {
      hint: "Quantize them first: latent weights are quantized again in every pass.",
    });
  }
  const tensors = new Map<string, StoredTensor>();
  const kernels = new Map<string, PackedKernelInfo>();
  const names = new Set(weightedNodes(graph).map(({ name }) => `${name}.weight`));
  const scales = new Set([...names].map((name) => packedNames(name).scale));
  for (const [name, tensor] of modelState(model)) {
    if (name.endsWith(".num_batches_tracked") || scales.has(name)) continue;
    const packed = names.has(name)
      ? packOne(name, weights.get(name) as WeightValue, edges)
      : undefined;
    if (!packed) {
      tensors.set(name, tensor);
      continue;
    }
    for (const [key, value] of kernelTensors(name, packed)) tensors.set(key, value);
    kernels.set(name, { grid: packed.grid, bits: packed.bits, shape: tensor.shape });
  }
  return { tensors, packing: { version: PACKING_VERSION, kernels: Object.fromEntries(kernels) } };
};

/**
 * Writes packed tensors with their manifest as safetensors (docs/packed-format.md); an existing file stays until the new
 * one is complete.
 */
export const writePackedCheckpoint = async (
  path: string,
  { tensors, packing }: PackedState,
  manifest: Manifest,
): Promise<void> => {
  const metadata = { ...manifestToMetadata(manifest), [PACKING_KEY]: JSON.stringify(packing) };
  await writeFileAtomically(path, encodeSafetensors(tensors, metadata));
};
