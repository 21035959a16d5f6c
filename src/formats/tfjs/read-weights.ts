import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { quoted } from "../../base/visible-text.js";
import { withOpenFile } from "../../files/reading/with-open-file.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { type StoredDtype, type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import type { ManifestWeight } from "./model-json.js";
import { TfjsProblem } from "./tfjs-problem.js";

/** A name without folders, drives or device names, so that a model cannot read files of its choice (CWE-22). */
const PLAIN_NAME = /^(?!\.{1,2}$)[^/\\:\0]{1,255}$/;

/** The file of a path in a manifest, which is next to model.json. */
const shardFile = async (modelPath: string, name: string): Promise<string> => {
  if (!PLAIN_NAME.test(name))
    throw new TfjsProblem(
      `has weights in ${quoted(name)}, which is not the name of a file next to it`,
    );
  const path = join(dirname(modelPath), name);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink()) throw new TfjsProblem(`has weights in ${path}, which is a link`);
  return path;
};

/** The bytes of consecutive files, which need `bytes` together. */
const readShards = async (
  modelPath: string,
  names: readonly string[],
  bytes: number,
): Promise<Uint8Array> => {
  const sizes = new Map<string, number>();
  const paths: string[] = [];
  for (const name of names) {
    const path = await shardFile(modelPath, name);
    if (sizes.has(path)) throw new TfjsProblem(`names the file ${quoted(name)} twice`);
    sizes.set(path, await withOpenFile(path, async ({ size }) => size));
    paths.push(path);
  }
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (total !== bytes)
    throw new TfjsProblem(`needs ${bytes} bytes of weights, but its files have ${total}`);
  const all = new Uint8Array(total);
  let offset = 0;
  for (const path of paths) {
    const size = sizes.get(path) as number;
    const part = await withOpenFile(path, ({ read }) => read(0, size));
    all.set(part, offset);
    offset += size;
  }
  return all;
};

/** A tensor of a model, with the scale and the smallest value of its integers if they stand for floats. */
export interface TfjsTensor extends StoredTensor {
  readonly quantization?: { readonly scale: number; readonly min: number };
}

const DTYPES: Readonly<Record<string, StoredDtype>> = {
  float32: "F32",
  float16: "F16",
  int32: "I32",
  uint8: "U8",
  uint16: "U16",
  // Truth values are bytes of 0 and 1.
  bool: "U8",
};

const dtypeOf = ({ dtype, quantization }: ManifestWeight): StoredDtype =>
  DTYPES[quantization?.dtype ?? dtype] as StoredDtype;

const bytesOf = (weight: ManifestWeight): number => {
  const bytes = storedBytes(dtypeOf(weight), weight.shape);
  if (bytes !== undefined && bytes <= MAX_FILE_BYTES) return bytes;
  throw new TfjsProblem(
    `has the tensor ${quoted(weight.name)} of the impossible shape [${weight.shape}]`,
  );
};

/** A group of tensors, whose numbers follow each other in its files. */
interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

/**
 * Reads the tensors of a manifest from the files next to a model.
 * @throws TfjsProblem for names that are not those of such files, and if sizes and shapes do not fit each other.
 */
export const readWeights = async (
  modelPath: string,
  manifest: readonly WeightGroup[],
): Promise<ReadonlyMap<string, TfjsTensor>> => {
  const tensors = new Map<string, TfjsTensor>();
  const sizes = manifest.map(({ weights }) =>
    weights.reduce((sum, weight) => sum + bytesOf(weight), 0),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MAX_FILE_BYTES)
    throw new TfjsProblem(`has ${total} bytes of weights (limit: ${MAX_FILE_BYTES})`);
  for (const [index, { paths, weights }] of manifest.entries()) {
    const bytes = await readShards(modelPath, paths, sizes[index] as number);
    let offset = 0;
    for (const weight of weights) {
      const { name, shape, quantization } = weight;
      if (tensors.has(name)) throw new TfjsProblem(`has the tensor ${quoted(name)} twice`);
      const end = offset + bytesOf(weight);
      const stored = { dtype: dtypeOf(weight), shape, data: bytes.subarray(offset, end) };
      const isScaled = quantization !== undefined && quantization.dtype !== "float16";
      tensors.set(name, isScaled ? { ...stored, quantization } : stored);
      offset = end;
    }
  }
  return tensors;
};
