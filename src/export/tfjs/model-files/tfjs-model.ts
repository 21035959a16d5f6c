import { shapesOf, type ValueId } from "../../../graph/graph.js";
import type { Model } from "../../../graph/model.js";
import type { Shape } from "../../../graph/shape.js";
import type { ExportNet } from "../../export-net.js";
import { netGraph } from "../net-graph.js";
import { graphShape } from "../tf-graph.js";
import { MODEL_FILE, shardName } from "./file-names.js";
import type { ModelJson, StoredWeight } from "./model-json.js";
import { joinBytes, tensorBytes, type WeightTensor } from "./weight-tensor.js";

const scalingText = ({ evaluation }: ExportNet["dataSet"]): string =>
  evaluation
    ? `Scale the shorter side of the image to ${evaluation.resizedSide} pixels (${evaluation.interpolation}, antialiased), and crop height x width pixels in the middle.`
    : "Scale the image to height x width pixels.";

/**
 * Information for users of the model; TensorFlow.js provides it as `model.metadata`.
 * `mean` and `std` are per channel, of pixel values in [0, 1].
 */
const userMetadata = ({ spec, dataSet, accuracy }: ExportNet) => ({
  net: spec.arch,
  form: spec.form,
  quantization: spec.quantization,
  dataSet: dataSet.name,
  ...(accuracy !== undefined && { testAccuracyPercent: accuracy }),
  classNames: dataSet.classNames,
  input: {
    name: "images",
    layout: "NHWC",
    height: spec.input.height,
    width: spec.input.width,
    channels: "RGB",
  },
  normalisation: { mean: dataSet.mean, std: dataSet.std },
  preparation: `${scalingText(dataSet)} For each channel: (value / 255 - mean) / std.`,
  output: {
    name: "logits",
    meaning: "One number a class, in the order of classNames; softmax makes probabilities of them.",
  },
});

/** Browsers cache files of this size; TensorFlow.js's own converter uses the same size. */
const SHARD_BYTES = 4 * 2 ** 20;

/** Graph versions of TensorFlow: ops of TensorFlow 2.18, readable since version 12. */
const GRAPH_VERSIONS = { producer: 1987, minConsumer: 12 };

/** The files of a TensorFlow.js graph model, by name. */
export type TfjsFiles = ReadonlyMap<string, Uint8Array>;

const storedWeight = (tensor: WeightTensor): StoredWeight => {
  const { name, kind } = tensor;
  const shape = [...tensor.shape];
  if (kind !== "uint8") return { name, shape, dtype: kind };
  const { scale, min } = tensor;
  return { name, shape, dtype: "float32", quantization: { dtype: kind, scale, min } };
};

/** The tensors' concatenated bytes, split into shards of fixed size. */
const shardsOf = (weights: readonly WeightTensor[]): Uint8Array[] => {
  const all = joinBytes(weights.map(tensorBytes));
  const count = Math.max(1, Math.ceil(all.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, shard) =>
    all.subarray(shard * SHARD_BYTES, (shard + 1) * SHARD_BYTES),
  );
};

const signatureOf = ({ graph }: Model): ModelJson["signature"] => {
  const shapes = shapesOf(graph);
  const info = (name: string, value: ValueId) => ({
    name: `${name}:0`,
    dtype: "DT_FLOAT",
    tensorShape: graphShape([-1, ...(shapes.get(value) as Shape)]),
  });
  return {
    inputs: Object.fromEntries(graph.inputs.map(({ name }) => [name, info(name, name)])),
    outputs: Object.fromEntries(graph.outputs.map(({ name, value }) => [name, info(name, value)])),
  };
};

/**
 * Converts a net to a TensorFlow.js graph model that maps normalized images [n, h, w, c] to its outputs. Norms
 * become scales and shifts; quantized kernels are stored as integer codes, one byte per weight.
 * @param version the version of qprune.
 * @throws QpruneError if weights are latent.
 */
export const tfjsModel = (net: ExportNet, version: string): TfjsFiles => {
  const { nodes, weights } = netGraph(net.model);
  const shards = shardsOf(weights);
  const paths = shards.map((_, index) => shardName(index, shards.length));
  const model: ModelJson = {
    format: "graph-model",
    generatedBy: `qprune ${version}`,
    convertedBy: `qprune ${version}`,
    signature: signatureOf(net.model),
    userDefinedMetadata: userMetadata(net),
    modelTopology: { node: nodes, versions: GRAPH_VERSIONS },
    weightsManifest: [{ paths, weights: weights.map(storedWeight) }],
  };
  return new Map([
    [MODEL_FILE, new TextEncoder().encode(JSON.stringify(model))],
    ...paths.map((path, index) => [path, shards[index] as Uint8Array] as const),
  ]);
};
