import { type Draft, encodeMessage } from "../../../src/formats/onnx/encode-message.js";
import {
  ELEMENT_TYPES,
  modelFields,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from "../../../src/formats/onnx/messages.js";

/** The bytes of a model. */
export const onnxBytes = (model: Draft<OnnxModel>): Buffer =>
  Buffer.concat(encodeMessage({ irVersion: 8, producerName: "a-test", ...model }, modelFields));

export const floatTensor = (
  name: string,
  dims: readonly number[],
  more: Draft<OnnxTensor> = {},
): Draft<OnnxTensor> => {
  const count = dims.reduce((product, side) => product * side, 1);
  const rawData = new Uint8Array(
    Float32Array.from({ length: count }, (_, at) => Math.sin(at)).buffer,
  );
  return { name, dims, dataType: ELEMENT_TYPES.float, rawData, ...more };
};

const value = (name: string, sides: readonly number[]) => ({
  name,
  type: {
    tensor: {
      elementType: ELEMENT_TYPES.float,
      shape: { dim: sides.map((side) => (side > 0 ? { value: side } : { parameter: "n" })) },
    },
  },
});

/** A model of some nodes from `images` to `logits`. */
export const netBytes = (
  node: readonly Draft<OnnxNode>[],
  {
    initializer = [],
    sides = [1, 3, 8, 8],
    opset = 17,
  }: {
    readonly initializer?: readonly Draft<OnnxTensor>[];
    readonly sides?: readonly number[];
    readonly opset?: number;
  } = {},
): Buffer =>
  onnxBytes({
    graph: {
      node,
      name: "net",
      initializer,
      input: [value("images", sides)],
      output: [value("logits", [1, 4])],
    },
    opsetImport: [{ version: opset }],
  });
