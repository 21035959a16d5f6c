import type { TfjsFile } from "../../formats/tfjs/read-tfjs.js";
import type { TfjsTensor } from "../../formats/tfjs/read-weights.js";
import { type DilationDialect, withDilatedConvs } from "../channels-last/dilated-convs.js";
import { convertNet, type SourceNet } from "../conversion/convert-net.js";
import { inputSides, onlyImages } from "../conversion/images.js";
import { orderedNodes } from "../conversion/order-nodes.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import type { ReadNode } from "../operators/read-node.js";
import { type Constant, constantOf } from "../operators/value.js";
import { tensorflowOperators } from "./converters.js";
import { graphDefNodes, valueOfInput } from "./graph-def.js";

/** The version of ONNX's operators that those of TensorFlow become. */
export const OPSET = 18;

/** A tensor as a constant; integers that stand for floats are computed as TensorFlow.js does. */
export const tfjsConstant = (tensor: TfjsTensor): Constant => {
  const constant = constantOf(tensor);
  const { quantization } = tensor;
  if (!quantization) return constant;
  const { scale, min } = quantization;
  const values = Float32Array.from(constant.values, (code) => code * scale + min);
  return { ...constant, values, isFloat: true };
};

export const numbersIn = (tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>) =>
  [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );

const DILATION: DilationDialect = {
  before: "SpaceToBatchND",
  after: "BatchToSpaceND",
  convs: new Set(["Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"]),
  isPlain: (conv) =>
    conv.text("padding", "VALID") === "VALID" &&
    [...(conv.ints("strides") ?? []), ...(conv.ints("dilations") ?? [])].every(
      (each) => each === 1,
    ),
  attributesOf: (conv, { dilation, padding: [top, left, bottom, right] }) => ({
    strides: [1, 1, 1, 1],
    dilations: [1, ...dilation, 1],
    padding: "EXPLICIT",
    explicit_paddings: [0, 0, top, bottom, left, right, 0, 0],
    fused_ops: conv.text("fused_ops", ""),
    leakyrelu_alpha: conv.float("leakyrelu_alpha", 0.2),
  }),
};

const INPUTS: ReadonlySet<string> = new Set(["Placeholder", "PlaceholderWithDefault"]);

/** The values that a graph returns: those of its signature, or those that nothing reads. */
const outputsOf = (
  { signature }: Extract<TfjsFile, { kind: "graph" }>,
  nodes: readonly ReadNode[],
): string[] => {
  const names = Object.values(signature?.outputs ?? {}).map(({ name }) => name);
  const given = names.flatMap((name) => (name === undefined ? [] : [valueOfInput(name)]));
  if (given.length > 0) return given;
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.flatMap(({ op, outputs: [output = ""] }) =>
    read.has(output) || op === "Const" || INPUTS.has(op) ? [] : [output],
  );
};

/** The net of a frozen TensorFlow graph as a model (see convertNet). */
export const importTensorflowGraph = (
  file: Extract<TfjsFile, { kind: "graph" }>,
  where: string,
  options: ImportOptions,
): ImportedModel => {
  const all = graphDefNodes(file.nodes);
  const isInput = ({ op }: ReadNode): boolean => INPUTS.has(op);
  const images = onlyImages(all.filter(isInput), ({ name }) => name, where);
  const constantNamed = (name: string): Constant | undefined => {
    const tensor = file.weights.get(name);
    return tensor && tfjsConstant(tensor);
  };
  const nodes = withDilatedConvs(
    all.filter((node) => !isInput(node) && node.op !== "Const"),
    (name) => {
      const constant = constantNamed(name);
      return constant && Array.from(constant.values);
    },
    DILATION,
  );
  const source: SourceNet = {
    where,
    nodes: orderedNodes(nodes),
    outputs: outputsOf(file, nodes),
    images: {
      name: images.name,
      sides: inputSides(images.name, images.ints("shape"), where),
      isChannelsLast: true,
    },
    constantNamed,
    numbers: numbersIn(file.weights),
    opset: OPSET,
    operators: tensorflowOperators,
    isChannelsLast: true,
  };
  return convertNet(source, options);
};
