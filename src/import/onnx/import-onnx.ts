import { QpruneError } from "../../base/errors.js";
import { MessageProblem } from "../../formats/onnx/decode-message.js";
import { ELEMENT_TYPES } from "../../formats/onnx/messages.js";
import type { OnnxFile } from "../../formats/onnx/read-onnx.js";
import { convertNet } from "../conversion/convert-net.js";
import { type ImageInput, inputSides, onlyImages } from "../conversion/images.js";
import type { ImportedModel, ImportOptions } from "../imported-model.js";
import { type Operators, onnxOperators } from "../operators/operators.js";
import { constantOf } from "../operators/value.js";
import { Unsupported } from "../unsupported.js";
import { readNode } from "./read-node.js";

/** Versions of the operators that are known. */
const [FIRST_OPSET, LAST_OPSET] = [9, 25];

const opsetOf = ({ model }: OnnxFile, where: string): number => {
  const found = model.opsetImport.find(({ domain = "" }) => domain === "" || domain === "ai.onnx");
  const opset = found?.version ?? 1;
  if (opset >= FIRST_OPSET && opset <= LAST_OPSET) return opset;
  throw new QpruneError(
    `${where} uses opset ${opset}; opsets ${FIRST_OPSET} to ${LAST_OPSET} are supported.`,
    { hint: "Export it again with another opset version." },
  );
};

const FLOATS: ReadonlySet<number> = new Set([
  ELEMENT_TYPES.float,
  ELEMENT_TYPES.float16,
  ELEMENT_TYPES.double,
  ELEMENT_TYPES.bfloat16,
]);

const inputOf = ({ graph, tensors }: OnnxFile, where: string): ImageInput => {
  // Old files list initializers among the inputs.
  const inputs = graph.input.filter(({ name = "" }) => !tensors.has(name));
  const { name = "", type } = onlyImages(inputs, (input) => input.name ?? "", where);
  const isFloat = FLOATS.has(type?.tensor?.elementType ?? 0);
  const sides = type?.tensor?.shape?.dim.map(({ value }) => value);
  return { name, sides: inputSides(name, isFloat ? sides : undefined, where) };
};

const numbersIn = ({ tensors }: OnnxFile): number =>
  [...tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );

/** The operators of a file, whose attributes may contain damaged tensors. */
const operators: Operators = {
  ...onnxOperators,
  convert: (call) => {
    try {
      return onnxOperators.convert(call);
    } catch (error) {
      if (error instanceof MessageProblem) throw new Unsupported(error.message);
      throw error;
    }
  },
};

/**
 * The net of an ONNX file as a model (see convertNet).
 * @param where the file, for messages
 * @throws QpruneError that names the first node that nets do not have, with its operator and how much of the file is known.
 */
export const importOnnx = (
  file: OnnxFile,
  where: string,
  options: ImportOptions = {},
): ImportedModel =>
  convertNet(
    {
      where,
      name: file.graph.name,
      opset: opsetOf(file, where),
      nodes: file.graph.node.map(readNode),
      outputs: file.graph.output.map(({ name = "" }) => name),
      images: inputOf(file, where),
      constantNamed: (name) => {
        const tensor = file.tensors.get(name);
        return tensor && constantOf(tensor);
      },
      numbers: numbersIn(file),
      operators,
      metadata: new Map(file.model.metadata.map(({ key = "", value = "" }) => [key, value])),
    },
    options,
  );
