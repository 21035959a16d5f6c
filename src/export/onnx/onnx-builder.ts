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

/** Integers of less than a byte. */
export interface FewBits {
  readonly type: "uint4" | "int4" | "uint2" | "int2";
  readonly integers: Int8Array | Uint8Array;
}

/** A node to be added. */
interface NodeRequest {
  /** The domain of its operator, if that is not a standard one. */
  readonly domain?: string;
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
  /** Adds a tensor of integers of less than a byte, and returns its name. */
  readonly fewBits: (name: string, dims: readonly number[], values: FewBits) => string;
  /** The name of a tensor of integers [n], which is added once. */
  readonly ints: (values: readonly number[]) => string;
  /** The name of a float without axes, which is added once. */
  readonly scalar: (value: number) => string;
  /** The name of a tensor of floats [n], which is added once. */
  readonly floats: (values: readonly number[]) => string;
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

/** Integers of a few bits, the first in the lowest bits of the first byte. */
const packBits = (integers: Int8Array | Uint8Array, bits: 2 | 4): Uint8Array => {
  const inByte = 8 / bits;
  const packed = new Uint8Array(Math.ceil(integers.length / inByte));
  const mask = 2 ** bits - 1;
  integers.forEach((integer, index) => {
    const byte = Math.floor(index / inByte);
    packed[byte] = (packed[byte] ?? 0) | ((integer & mask) << (bits * (index % inByte)));
  });
  return packed;
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
  const fewBits: OnnxBuilder["fewBits"] = (name, dims, { type, integers }) => {
    const rawData = packBits(integers, type.endsWith("4") ? 4 : 2);
    tensors.push({ dims, dataType: ELEMENT_TYPES[type], name, rawData });
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
    fewBits,
    add: (opType, { name, inputs, attributes = {}, outputs = [name], domain }) => {
      const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
      const own = domain === undefined ? {} : { domain };
      nodes.push({ input: inputs, output: outputs, name, opType, attribute, ...own });
      return outputs[0] as string;
    },
    ints: (values) =>
      once(`ints ${values.join(" ")}`, [values.length], BigInt64Array.from(values, BigInt)),
    scalar: (value) => once(`float ${value}`, [], Float32Array.of(value)),
    floats: (values) =>
      once(`floats ${values.join(" ")}`, [values.length], Float32Array.from(values)),
  };
};
