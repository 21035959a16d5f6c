import type { Draft } from "../../formats/onnx/encode-message.js";
import {
  ATTRIBUTE_TYPES,
  ELEMENT_TYPES,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
} from "../../formats/onnx/messages.js";

/** An attribute of a node: integers as plain numbers, a float as `{ float }`, a text as a text. */
type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** The numbers of a tensor; integers are int64 unless they are bytes. */
export type TensorNumbers = Float32Array | BigInt64Array | Int8Array | Uint8Array;

/** A node to be added. */
interface NodeRequest {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Its outputs; by default one with the name of the node. */
  readonly outputs?: readonly string[];
}

/** Adds nodes and tensors of an ONNX graph. */
export interface OnnxBuilder {
  readonly nodes: readonly Draft<OnnxNode>[];
  readonly tensors: readonly Draft<OnnxTensor>[];
  /** Adds a node and returns its first output. */
  readonly add: (op: string, request: NodeRequest) => string;
  /** Adds a tensor and returns its name. */
  readonly tensor: (name: string, dims: readonly number[], values: TensorNumbers) => string;
  /** The name of a tensor of integers [n], which is added once. */
  readonly ints: (values: readonly number[]) => string;
  /** The name of a float without axes, which is added once. */
  readonly scalar: (value: number) => string;
}

const attributeOf = (name: string, value: AttributeValue): Draft<OnnxAttribute> => {
  if (typeof value === "number") return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === "string")
    return { name, s: new TextEncoder().encode(value), type: ATTRIBUTE_TYPES.text };
  return "float" in value
    ? { name, f: value.float, type: ATTRIBUTE_TYPES.float }
    : { name, ints: value, type: ATTRIBUTE_TYPES.ints };
};

const elementType = (values: TensorNumbers): number => {
  if (values instanceof Float32Array) return ELEMENT_TYPES.float;
  if (values instanceof BigInt64Array) return ELEMENT_TYPES.int64;
  return values instanceof Int8Array ? ELEMENT_TYPES.int8 : ELEMENT_TYPES.uint8;
};

export const createOnnxBuilder = (): OnnxBuilder => {
  const nodes: Draft<OnnxNode>[] = [];
  const tensors: Draft<OnnxTensor>[] = [];
  const known = new Set<string>();
  const tensor: OnnxBuilder["tensor"] = (name, dims, values) => {
    const { buffer, byteOffset, byteLength } = values;
    const rawData = new Uint8Array(buffer, byteOffset, byteLength);
    tensors.push({ dims, dataType: elementType(values), name, rawData });
    return name;
  };
  const once = (name: string, dims: readonly number[], values: TensorNumbers): string => {
    if (!known.has(name)) tensor(name, dims, values);
    known.add(name);
    return name;
  };
  return {
    nodes,
    tensors,
    tensor,
    add: (opType, { name, inputs, attributes = {}, outputs = [name] }) => {
      const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
      nodes.push({ input: inputs, output: outputs, name, opType, attribute });
      return outputs[0] as string;
    },
    ints: (values) =>
      once(`ints ${values.join(" ")}`, [values.length], BigInt64Array.from(values, BigInt)),
    scalar: (value) => once(`float ${value}`, [], Float32Array.of(value)),
  };
};
