import { QpruneError } from "../../base/errors.js";
import { type Draft, encodeMessage } from "../../formats/onnx/encode-message.js";
import {
  ELEMENT_TYPES,
  modelFields,
  type OnnxModel,
  type OnnxValue,
} from "../../formats/onnx/messages.js";
import { MAX_FILE_BYTES } from "../../formats/safetensors/limits.js";
import {
  imageShape,
  type Node,
  type NodeKind,
  type NodeOf,
  outputValue,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../../graph/graph.js";
import { IMAGES, LOGITS } from "../../graph/graph-draft.js";
import type { Model } from "../../graph/model.js";
import { isMaps, type Shape } from "../../graph/shape.js";
import { DATA_SET_KEY } from "../../import/metadata-keys.js";
import { checkWeightForm } from "../check-weight-form.js";
import type { ExportNet } from "../export-net.js";
import { lowerActivation, lowerMoved, lowerQuantize, lowerSoftmax } from "./activation-nodes.js";
import { addKernel, type Opset } from "./kernel-tensors.js";
import { lowerAffine, lowerBatchNorm, lowerConv, lowerDense, lowerPrelu } from "./layer-nodes.js";
import type { Dialect, Lowering } from "./lowering.js";
import { movedGrids } from "./moved-grids.js";
import { createOnnxBuilder, type OnnxBuilder } from "./onnx-builder.js";
import { lowerAveragePool, lowerGlobalPool, lowerMaxPool } from "./pool-nodes.js";
import {
  lowerAdd,
  lowerConcat,
  lowerFlatten,
  lowerMultiply,
  lowerPad,
  lowerPixelShuffle,
  lowerReshape,
  lowerResize,
  lowerShuffle,
  lowerSplit,
} from "./rearrangement-nodes.js";

/** Adds the ONNX nodes of a node and returns the names of its outputs. */
type Lower<N> = (node: N, lowering: Lowering) => string | string[];

const LOWER = {
  activation: lowerActivation,
  add: lowerAdd,
  affine: lowerAffine,
  averagePool: lowerAveragePool,
  batchNorm: lowerBatchNorm,
  concat: lowerConcat,
  conv: lowerConv,
  dense: lowerDense,
  dropout: (node, { sourceOf }) => sourceOf(node.inputs[0] as ValueId),
  flatten: lowerFlatten,
  globalPool: lowerGlobalPool,
  maxPool: lowerMaxPool,
  multiply: lowerMultiply,
  pad: lowerPad,
  pixelShuffle: lowerPixelShuffle,
  prelu: lowerPrelu,
  quantize: (node, lowering) => lowering.dialect.lowerQuantize(node, lowering),
  reshape: lowerReshape,
  resize: lowerResize,
  shuffle: lowerShuffle,
  softmax: lowerSoftmax,
  split: lowerSplit,
} satisfies { readonly [K in NodeKind]: Lower<NodeOf<K>> };

const lowerNode = (node: Node, lowering: Lowering): string[] => {
  // The table maps each kind to the function for its own nodes, which TypeScript does not follow through the lookup.
  const lower = LOWER[node.kind] as Lower<Node>;
  return [lower(node, lowering)].flat();
};

/** The versions of the format to which operators belong. */
const IR_VERSIONS: Readonly<Record<Opset, number>> = { "18": 8, "21": 10, "25": 13 };

/** Integers by QuantizeLinear and DequantizeLinear. Later opsets have types for weights of few bits. */
export const onnxDialect = (opset: Opset): Dialect => ({
  addKernel: (builder, name, weight) => addKernel(builder, name, weight, opset),
  lowerQuantize,
  lowerMoved,
  opset: Number(opset),
  irVersion: IR_VERSIONS[opset],
  domains: new Map(),
});

/** Adds all nodes of a model. The output of the last one is called logits. */
const lowerModel = ({ graph, weights }: Model, dialect: Dialect): OnnxBuilder => {
  const builder = createOnnxBuilder();
  const shapes = shapesOf(graph);
  const sources = new Map<ValueId, string>([[graph.inputs[0]?.name ?? IMAGES, IMAGES]]);
  const output = outputValue(graph);
  const lowering: Lowering = {
    builder,
    dialect,
    weights,
    shapeOf: (value) => shapes.get(value) as Shape,
    sourceOf: (value) => sources.get(value) as string,
    nameOf: ({ name }) => (name === output ? LOGITS : name),
  };
  const moved = movedGrids(graph);
  for (const node of graph.nodes) {
    const outputs = lowerNode(node, lowering);
    for (const [index, value] of valuesOf(node).entries()) {
      const x = outputs[index] as string;
      const grid = value === output ? undefined : moved.get(value);
      const name = `${value.replace(":", "/")}/moved`;
      const own = grid && dialect.lowerMoved?.(lowering, { name, x, grid });
      sources.set(value, own ?? x);
    }
  }
  const source = lowering.sourceOf(output);
  if (source !== LOGITS) builder.add("Identity", { name: LOGITS, inputs: [source] });
  return builder;
};

const valueOfShape = (name: string, shape: Shape): Draft<OnnxValue> => {
  const dims = isMaps(shape) ? [shape[2], shape[0], shape[1]] : shape;
  const dim = [{ parameter: "batch" }, ...dims.map((value) => ({ value }))];
  return { name, type: { tensor: { elementType: ELEMENT_TYPES.float, shape: { dim } } } };
};

/** What other programs need to prepare images and to name classes, as JSON, and what qprune reads again. */
const metadataOf = ({ dataSet, accuracy }: ExportNet): OnnxModel["metadata"] => {
  const { mean, std, height, width, classNames, evaluation } = dataSet;
  const preprocessing = { layout: "NCHW", colors: "RGB", height, width, mean, std, ...evaluation };
  return [
    { key: "classes", value: JSON.stringify(classNames) },
    { key: "preprocessing", value: JSON.stringify(preprocessing) },
    ...(accuracy === undefined ? [] : [{ key: "accuracy", value: String(accuracy) }]),
    { key: DATA_SET_KEY, value: JSON.stringify(dataSet) },
  ];
};

/**
 * A net as the bytes of an ONNX model, in consecutive chunks: images [batch, channels, height, width] to logits. Quantized weights
 * are integers with scales per filter unless the dialect writes them otherwise. `version` is the package's.
 * @throws QpruneError if weights are latent, or the file would have more than 2 GB.
 */
export const onnxModel = (
  net: ExportNet,
  version: string,
  dialect: Dialect = onnxDialect("18"),
): readonly Uint8Array[] => {
  const { model, spec } = net;
  checkWeightForm(model);
  const { nodes, tensors } = lowerModel(model, dialect);
  const { graph } = model;
  const logits = shapesOf(graph).get(outputValue(graph)) as Shape;
  const chunks = encodeMessage(
    {
      irVersion: dialect.irVersion,
      producerName: "qprune",
      producerVersion: version,
      graph: {
        node: nodes,
        name: spec.arch,
        initializer: tensors,
        input: [valueOfShape(IMAGES, imageShape(graph))],
        output: [valueOfShape(LOGITS, logits)],
      },
      opsetImport: [
        { domain: "", version: dialect.opset },
        ...[...dialect.domains].map(([domain, version]) => ({ domain, version })),
      ],
      metadata: metadataOf(net),
    },
    modelFields,
  );
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  if (bytes <= MAX_FILE_BYTES) return chunks;
  throw new QpruneError(
    `An ONNX file of ${bytes} bytes cannot be read (limit: ${MAX_FILE_BYTES}).`,
  );
};
