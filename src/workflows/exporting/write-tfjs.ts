import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExportNet } from "../../export/export-net.js";
import { checkTfjsModel } from "../../export/tfjs/model-files/check-tfjs-model.js";
import { MODEL_FILE } from "../../export/tfjs/model-files/file-names.js";
import { readTfjsModel } from "../../export/tfjs/model-files/read-tfjs-model.js";
import { type TfjsFiles, tfjsModel } from "../../export/tfjs/model-files/tfjs-model.js";
import { tensorBytes, type WeightTensor } from "../../export/tfjs/model-files/weight-tensor.js";
import { packageVersion } from "../../files/package-version.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import type { LayoutRow, Written } from "./format.js";

/** Kernels [kh, kw, in, out], and matrices [in, out] of dense layers. */
const isKernel = (shape: readonly number[]): boolean => shape.length === 4 || shape.length === 2;

const partOf = ({ kind, shape }: WeightTensor): Pick<LayoutRow, "part" | "storage"> => {
  if (kind === "uint8") return { part: "quantized kernels", storage: "uint8" };
  if (kind === "int32" || shape.length === 0) return { part: "constants", storage: kind };
  const part = isKernel(shape) ? "float kernels" : "scales and shifts";
  return { part, storage: "float32" };
};

/** What the bytes are used for; the rows add up to the size of all files. */
const layoutOf = (weights: Iterable<WeightTensor>, jsonBytes: number): LayoutRow[] => {
  const rows = new Map<string, LayoutRow>();
  for (const tensor of weights) {
    const part = partOf(tensor);
    const key = `${part.part}, ${part.storage}`;
    const { tensors, bytes } = rows.get(key) ?? { tensors: 0, bytes: 0 };
    rows.set(key, { ...part, tensors: tensors + 1, bytes: bytes + tensorBytes(tensor).length });
  }
  return [...rows.values(), { part: "graph", storage: "JSON", tensors: 0, bytes: jsonBytes }];
};

const readFolder = async (path: string): Promise<TfjsFiles> => {
  const names = await readdir(path);
  const files = names.map(async (name) => [name, await readFile(join(path, name))] as const);
  return new Map(await Promise.all(files));
};

/**
 * Writes a net as a folder with a TensorFlow.js graph model, and verifies the written files.
 * @throws QpruneError if the folder cannot be written or verified.
 */
export const writeTfjs = async (net: ExportNet, path: string): Promise<Written> => {
  const files = tfjsModel(net, packageVersion());
  await mkdir(path);
  for (const [name, bytes] of files) await writeFileAtomically(join(path, name), [bytes]);
  const read = await readFolder(path);
  const model = readTfjsModel(read);
  checkTfjsModel(model, net);
  const { node } = model.json.modelTopology;
  return {
    layout: layoutOf(model.weights.values(), read.get(MODEL_FILE)?.length ?? 0),
    check: `all ${node.length} nodes and ${model.weights.size} tensors match the net`,
  };
};
