import { readFile } from "node:fs/promises";
import type { ExportNet } from "../../export/export-net.js";
import { checkOnnxModel } from "../../export/onnx/check-onnx-model.js";
import type { Dialect } from "../../export/onnx/lowering.js";
import { onnxDialect, onnxModel } from "../../export/onnx/onnx-model.js";
import { qonnxDialect } from "../../export/qonnx/qonnx-dialect.js";
import { packageVersion } from "../../files/package-version.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import type { StoredOnnxTensor } from "../../formats/onnx/tensor-bytes.js";
import type { FormatOptions, LayoutRow, Written } from "./format.js";

const STORAGE: Partial<Record<StoredOnnxTensor["dtype"], string>> = {
  F32: "float32",
  I8: "int8",
  U8: "uint8",
  I64: "int64",
};

const partOf = (name: string, { dtype, shape }: StoredOnnxTensor): string => {
  if (name.endsWith(".weight_codes")) return "quantized kernels";
  if (name.endsWith(".weight_scale")) return "scales of filters";
  if (dtype !== "F32") return "constants";
  return shape.length === 4 || shape.length === 2 ? "float kernels" : "biases and norms";
};

/** How numbers are stored, as in uint4. */
const storageOf = ({ dtype, fileBits }: StoredOnnxTensor): string => {
  if (fileBits !== undefined) return `${dtype === "I8" ? "int" : "uint"}${fileBits}`;
  return STORAGE[dtype] ?? dtype;
};

const bytesOf = ({ data, fileBits }: StoredOnnxTensor): number =>
  fileBits === undefined ? data.length : Math.ceil((data.length * fileBits) / 8);

/** What the bytes are used for; the rows add up to the size of the file. */
const layoutOf = (
  tensors: ReadonlyMap<string, StoredOnnxTensor>,
  fileBytes: number,
): readonly LayoutRow[] => {
  const rows = new Map<string, LayoutRow>();
  for (const [name, tensor] of tensors) {
    const part = partOf(name, tensor);
    const storage = storageOf(tensor);
    const key = `${part}, ${storage}`;
    const row = rows.get(key) ?? { part, storage, tensors: 0, bytes: 0 };
    const bytes = row.bytes + bytesOf(tensor);
    rows.set(key, { ...row, tensors: row.tensors + 1, bytes });
  }
  const used = [...rows.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const graph = { part: "graph", storage: "protobuf", tensors: 0, bytes: fileBytes - used };
  return [...rows.values(), graph];
};

const write = async (net: ExportNet, path: string, dialect: Dialect): Promise<Written> => {
  const chunks = onnxModel(net, packageVersion(), dialect);
  await writeFileAtomically(path, [...chunks]);
  const bytes = await readFile(path);
  const { nodes, tensors } = await checkOnnxModel(bytes, { chunks, net, path });
  return {
    layout: layoutOf(tensors, bytes.length),
    check: `all ${nodes} nodes and ${tensors.size} tensors match the net`,
  };
};

/**
 * Writes a net as an ONNX model, and verifies the written file.
 * @throws QpruneError if the file cannot be written or verified.
 */
export const writeOnnx = (
  net: ExportNet,
  path: string,
  { opset }: FormatOptions,
): Promise<Written> => write(net, path, onnxDialect(opset));

/** Writes a net as an ONNX model with QONNX's quantizers, and verifies the written file. */
export const writeQonnx = (net: ExportNet, path: string): Promise<Written> =>
  write(net, path, qonnxDialect);
