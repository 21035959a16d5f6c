import { list, type Message, one } from "./message.js";

// The messages of ONNX (onnx.proto3) with the fields that describe a net, by their public numbers.

const entryFields = { key: one(1, "text"), value: one(2, "text") };

/** Element types of tensors, by their numbers. */
export const ELEMENT_TYPES = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
} as const;

/** Where a tensor's numbers are: in the message, or in another file. */
export const EXTERNAL = 1;

const tensorFields = {
  dims: list(1, "int"),
  dataType: one(2, "int"),
  floatData: list(4, "packed"),
  int32Data: list(5, "packed"),
  int64Data: list(7, "packed"),
  name: one(8, "text"),
  rawData: one(9, "bytes"),
  doubleData: list(10, "packed"),
  uint64Data: list(11, "packed"),
  externalData: list(13, entryFields),
  dataLocation: one(14, "int"),
};
/** Numbers, an initializer or the value of an attribute. */
export type OnnxTensor = Message<typeof tensorFields>;

/** Types of attributes, by their numbers. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  text: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
} as const;

const attributeFields = {
  name: one(1, "text"),
  f: one(2, "float"),
  i: one(3, "int"),
  s: one(4, "bytes"),
  t: one(5, tensorFields),
  floats: list(7, "float"),
  ints: list(8, "int"),
  type: one(20, "int"),
};
/** An attribute of a node. Subgraphs are skipped. */
export type OnnxAttribute = Message<typeof attributeFields>;

const nodeFields = {
  input: list(1, "text"),
  output: list(2, "text"),
  name: one(3, "text"),
  opType: one(4, "text"),
  attribute: list(5, attributeFields),
  domain: one(7, "text"),
};
export type OnnxNode = Message<typeof nodeFields>;

const dimensionFields = { value: one(1, "int"), parameter: one(2, "text") };
const tensorTypeFields = {
  elementType: one(1, "int"),
  shape: one(2, { dim: list(1, dimensionFields) }),
};
const valueFields = { name: one(1, "text"), type: one(2, { tensor: one(1, tensorTypeFields) }) };
/** An input or output of a graph. */
export type OnnxValue = Message<typeof valueFields>;

const graphFields = {
  node: list(1, nodeFields),
  name: one(2, "text"),
  initializer: list(5, tensorFields),
  input: list(11, valueFields),
  output: list(12, valueFields),
};
export type OnnxGraph = Message<typeof graphFields>;

const operatorSetFields = { domain: one(1, "text"), version: one(2, "int") };

/** The fields of a whole file. */
export const modelFields = {
  irVersion: one(1, "int"),
  producerName: one(2, "text"),
  producerVersion: one(3, "text"),
  graph: one(7, graphFields),
  opsetImport: list(8, operatorSetFields),
  metadata: list(14, entryFields),
};
/** A whole file. */
export type OnnxModel = Message<typeof modelFields>;
