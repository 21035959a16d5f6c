import { QpruneError } from "../../../base/errors.js";
import { MODEL_FILE } from "./file-names.js";
import { type ModelJson, modelJsonSchema, type StoredWeight } from "./model-json.js";
import type { TfjsFiles } from "./tfjs-model.js";
import { BYTES_OF, joinBytes, type WeightTensor } from "./weight-tensor.js";

/** A graph model read from its files. */
export interface TfjsModel {
  readonly json: ModelJson;
  readonly weights: ReadonlyMap<string, WeightTensor>;
}

const malformed = (reason: string, cause?: unknown): QpruneError =>
  new QpruneError(`This is not a TensorFlow.js graph model written by qprune: ${reason}.`, {
    hint: "Export the net again.",
    cause,
  });

const fileOf = (files: TfjsFiles, name: string): Uint8Array => {
  const bytes = files.get(name);
  if (!bytes) throw malformed(`${name} is missing`);
  return bytes;
};

const parseJson = (bytes: Uint8Array): ModelJson => {
  try {
    return modelJsonSchema.parse(JSON.parse(new TextDecoder().decode(bytes))) as ModelJson;
  } catch (cause) {
    throw malformed(`${MODEL_FILE} is invalid`, cause);
  }
};

const decode = ({ name, shape, dtype, quantization }: StoredWeight, bytes: Uint8Array) => {
  if (quantization) {
    const { scale, min } = quantization;
    return { name, shape, kind: "uint8", values: bytes, scale, min } as const;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = BYTES_OF[dtype];
  const count = bytes.length / size;
  if (dtype === "int32") {
    const values = Int32Array.from({ length: count }, (_, index) =>
      view.getInt32(size * index, true),
    );
    return { name, shape, kind: dtype, values } as const;
  }
  const values = Float32Array.from({ length: count }, (_, index) =>
    view.getFloat32(size * index, true),
  );
  return { name, shape, kind: dtype, values } as const;
};

/** Reads the tensors of the weight files, which they must cover to the last byte. */
const readWeights = ({ weightsManifest }: ModelJson, files: TfjsFiles) => {
  const weights = new Map<string, WeightTensor>();
  for (const { paths, weights: stored } of weightsManifest) {
    const all = joinBytes(paths.map((path) => fileOf(files, path)));
    let offset = 0;
    for (const weight of stored) {
      const { name, shape, dtype, quantization } = weight;
      const size = shape.reduce((product, side) => product * side, 1);
      const end = offset + size * BYTES_OF[quantization?.dtype ?? dtype];
      if (end > all.length) throw malformed(`the weight files end within ${name}`);
      if (weights.has(name)) throw malformed(`the tensor ${name} occurs twice`);
      weights.set(name, decode(weight, all.slice(offset, end)));
      offset = end;
    }
    if (offset !== all.length)
      throw malformed(`the weight files have ${all.length - offset} surplus bytes`);
  }
  return weights;
};

/** Checks that nodes have unique names and come after their inputs, and that tensors and Const nodes match. */
const checkNodes = ({ modelTopology }: ModelJson, weights: TfjsModel["weights"]): void => {
  const names = new Set<string>();
  const unused = new Set(weights.keys());
  for (const { name, op, input } of modelTopology.node) {
    if (names.has(name)) throw malformed(`the node ${name} occurs twice`);
    const missing = input.find((each) => !names.has(each.split(":")[0] as string));
    if (missing !== undefined)
      throw malformed(`${name} reads ${missing}, which is not a node before it`);
    if (op === "Const" && !unused.delete(name)) throw malformed(`${name} has no tensor`);
    names.add(name);
  }
  for (const name of unused) throw malformed(`no node reads the tensor ${name}`);
};

/** Checks that the signature names outputs of nodes. */
const checkSignature = ({ signature, modelTopology }: ModelJson): void => {
  const names = new Set(modelTopology.node.map(({ name }) => `${name}:0`));
  const ends = [...Object.values(signature.inputs), ...Object.values(signature.outputs)];
  for (const { name } of ends) {
    if (!names.has(name))
      throw malformed(`its signature names ${name}, which is not a node's output`);
  }
};

/**
 * Reads the files of a graph model written by qprune and checks that they fit together.
 * @throws QpruneError if a file is missing or truncated, or graph and tensors do not match.
 */
export const readTfjsModel = (files: TfjsFiles): TfjsModel => {
  const json = parseJson(fileOf(files, MODEL_FILE));
  const weights = readWeights(json, files);
  checkNodes(json, weights);
  checkSignature(json);
  return { json, weights };
};
