import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import type { TfliteFile, TfliteTensor } from "../../formats/tflite/read-tflite.js";
import { TENSOR_TYPES } from "../../formats/tflite/schema.js";
import { withDilatedConvs } from "../channels-last/dilated-convs.js";
import { convertNet } from "../conversion/convert-net.js";
import { inputSides, onlyImages } from "../conversion/images.js";
import { orderedNodes } from "../conversion/order-nodes.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { constantBy } from "../operators/constants/elementwise.js";
import { plainNode, type ReadNode } from "../operators/read-node.js";
import { type Constant, constantOf } from "../operators/value.js";
import { numbersIn } from "../tensorflow/import-graph.js";
import { Unsupported } from "../unsupported.js";
import { DILATION, tfliteOperators } from "./converters.js";

/** Integers with scales as floats: (q - zero point) scale. */
const dequantized = (
  constant: Constant,
  { scale, zeroPoint, axis }: NonNullable<TfliteTensor["quantization"]>,
): Constant => {
  const { dims, values } = constant;
  const isOne = scale.length === 1;
  if (!isOne && scale.length !== dims[axis])
    throw new Unsupported(`has ${scale.length} scales for weights of the shape [${dims}]`);
  const inner = dims.slice(axis + 1).reduce((product, side) => product * side, 1);
  return constantBy(dims, true, (index) => {
    const at = isOne ? 0 : Math.floor(index / inner) % scale.length;
    return ((values[index] as number) - (zeroPoint[at] ?? 0)) * (scale[at] as number);
  });
};

const constantIn = ({ constant, quantization }: TfliteTensor): Constant | undefined => {
  const plain = constant && constantOf(constant);
  if (!plain || plain.isFloat || !quantization) return plain;
  return dequantized(plain, quantization);
};

const nodesOf = ({ operators, tensors }: TfliteFile): ReadNode[] => {
  const named = (index: number): string => tensors[index]?.name ?? "";
  return operators.map(({ op, inputs, outputs, options }, index) => {
    const values = outputs.map(named);
    // Operators have no names; that of the value is the one that other programs show.
    const name = values[0] || `${op}_${index}`;
    return plainNode({ name, op, inputs: inputs.map(named), outputs: values }, options);
  });
};

/** The version of ONNX's operators that those of LiteRT become. */
const OPSET = 18;

/**
 * The net of a .tflite file in floats as a model (see convertNet). Weights in float16, and integer weights with scales, become floats.
 * @throws QpruneError that names the first value that nets do not have, or if the net computes with integers.
 */
export const importTflite = (
  file: TfliteFile,
  where: string,
  options: ImportOptions = {},
): ImportedModel => {
  const { tensors, inputs, outputs } = file;
  const { name, type, shape } = onlyImages(
    inputs.flatMap((index) => tensors[index] ?? []),
    (tensor) => tensor.name,
    where,
  );
  if (type !== TENSOR_TYPES.float32)
    throw new QpruneError(
      `${where}: its input ${quoted(name)} is of integers; float nets are read.`,
      {
        kind: "usage",
        hint: "Give the float model that it was quantized from.",
      },
    );
  const integers = tensors.find(
    (tensor) => tensor.type === TENSOR_TYPES.int8 && !tensor.constant && tensor.quantization,
  );
  if (integers)
    throw new QpruneError(
      `${where} computes with integers (${quoted(integers.name)} is of int8); float nets are read.`,
      {
        kind: "usage",
        hint: "Give the float model that it was quantized from.",
      },
    );
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const constantNamed = (wanted: string): Constant | undefined => {
    const tensor = byName.get(wanted);
    return tensor && constantIn(tensor);
  };
  const numbersNamed = (wanted: string): number[] | undefined => {
    const constant = constantNamed(wanted);
    return constant && Array.from(constant.values);
  };
  return convertNet(
    {
      where,
      nodes: orderedNodes(withDilatedConvs(nodesOf(file), numbersNamed, DILATION)),
      outputs: outputs.map((index) => tensors[index]?.name ?? ""),
      images: { name, sides: inputSides(name, shape, where), isChannelsLast: true },
      constantNamed,
      numbers: numbersIn(
        new Map(tensors.flatMap(({ name: key, constant }) => (constant ? [[key, constant]] : []))),
      ),
      opset: OPSET,
      operators: tfliteOperators,
      isChannelsLast: true,
    },
    options,
  );
};
