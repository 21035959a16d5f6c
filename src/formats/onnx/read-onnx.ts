import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import type { OpenFile } from "../../files/reading/with-open-file.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { decodeMessage, MessageProblem } from "./decode-message.js";
import { readExternalData } from "./external-data.js";
import { modelFields, type OnnxGraph, type OnnxModel, type OnnxTensor } from "./messages.js";
import { type StoredOnnxTensor, storedTensorOf } from "./tensor-bytes.js";

/** An ONNX file as read. */
export interface OnnxFile {
  readonly model: OnnxModel;
  readonly graph: OnnxGraph;
  /** The initializers of the graph by name. */
  readonly tensors: ReadonlyMap<string, StoredOnnxTensor>;
}

/** The error for bytes that are not a valid ONNX file. */
export const malformedOnnx = (fileName: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`${fileName} is not a valid ONNX file: ${reason}.`, {
    hint: "Check that it is the right file and was copied completely, or export it again.",
    cause,
  });

/** The first bytes of a model: its field 1, a version below 128, and then a field that a model has. */
export const isOnnx = (start: Uint8Array): boolean => {
  const [tag, version, next] = start;
  const isVersion = tag === 0x08 && version !== undefined && version >= 3 && version < 0x80;
  // Fields 2 to 8 and 14 of a model, with their wire types.
  return isVersion && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72].includes(next ?? 0);
};

const tensorsOf = (
  { initializer }: OnnxGraph,
  external: ReadonlyMap<OnnxTensor, Uint8Array>,
): Map<string, StoredOnnxTensor> => {
  const tensors = new Map<string, StoredOnnxTensor>();
  for (const tensor of initializer) {
    const name = tensor.name ?? "";
    if (tensors.has(name)) throw new MessageProblem(`it has tensor ${quoted(name)} twice`);
    try {
      tensors.set(name, storedTensorOf(tensor, external.get(tensor)));
    } catch (error) {
      if (!(error instanceof MessageProblem)) throw error;
      throw new MessageProblem(`tensor ${quoted(name)} ${error.message}`);
    }
  }
  return tensors;
};

/**
 * Parses the bytes of an ONNX model. Its tensors may be views of `bytes`.
 * @param nameForErrors the path of the file, next to which its external data are
 * @throws QpruneError if the bytes are not a valid model, or files with its numbers are missing or too short.
 */
export const parseOnnx = async (bytes: Uint8Array, nameForErrors: string): Promise<OnnxFile> => {
  try {
    const model = decodeMessage(bytes, modelFields);
    const { graph } = model;
    if (!graph) throw new MessageProblem("it has no graph");
    const external = await readExternalData(nameForErrors, graph.initializer);
    return { model, graph, tensors: tensorsOf(graph, external) };
  } catch (error) {
    if (!(error instanceof MessageProblem)) throw error;
    throw malformedOnnx(nameForErrors, error.message, error);
  }
};

/**
 * Reads an open ONNX file and the files next to it that contain its numbers.
 * @throws QpruneError if it is not valid (see parseOnnx).
 */
export const readOpenOnnx = async ({ path, size, read }: OpenFile): Promise<OnnxFile> => {
  if (size > MAX_FILE_BYTES) {
    throw malformedOnnx(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  return parseOnnx(await read(0, size), path);
};
