import { readFile } from "node:fs/promises";
import type { ExportNet } from "../../export/export-net.js";
import { checkOnnxModel } from "../../export/onnx/check-onnx-model.js";
import { onnxModel } from "../../export/onnx/onnx-model.js";
import { packageVersion } from "../../files/package-version.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import type { LayoutRow, Written } from "./format.js";

const STORAGE: Partial<Record<StoredTensor["dtype"], string>> = {
  F32: "float32",
  I8: "int8",
  U8: "uint8",
  I64: "int64",
};

const partOf = (name: string, { dtype, shape }: StoredTensor): string => {
  if (name.endsWith(".weight_codes")) return "quantized kernels";
  if (name.endsWith(".weight_scale")) return "scales of filters";
  if (dtype !== "F32") return "constants";
  return shape.length === 4 || shape.length === 2 ? "float kernels" : "biases and norms";
};

/** What the bytes are used for; the rows add up to the size of the file. */
const layoutOf = (
  tensors: ReadonlyMap<string, StoredTensor>,
  fileBytes: number,
): readonly LayoutRow[] => {
  const rows = new Map<string, LayoutRow>();
  for (const [name, tensor] of tensors) {
    const part = partOf(name, tensor);
    const storage = STORAGE[tensor.dtype] ?? tensor.dtype;
    const key = `${part}, ${storage}`;
    const row = rows.get(key) ?? { part, storage, tensors: 0, bytes: 0 };
    const bytes = row.bytes + tensor.data.length;
    rows.set(key, { ...row, tensors: row.tensors + 1, bytes });
  }
  const used = [...rows.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const graph = { part: "graph", storage: "protobuf", tensors: 0, bytes: fileBytes - used };
  return [...rows.values(), graph];
};

/**
 * Writes a net as an ONNX model, and verifies the written file.
 * @throws QpruneError if the file cannot be written or verified.
 */
export const writeOnnx = async (net: ExportNet, path: string): Promise<Written> => {
  const chunks = onnxModel(net, packageVersion());
  await writeFileAtomically(path, [...chunks]);
  const bytes = await readFile(path);
  const { nodes, tensors } = await checkOnnxModel(bytes, { chunks, net, path });
  return {
    layout: layoutOf(tensors, bytes.length),
    check: `all ${nodes} nodes and ${tensors.size} tensors match the net`,
  };
};
