import { Builder } from "flatbuffers";
import {
  BUFFER,
  METADATA,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPTIONS,
  operatorNumber,
  QUANTIZATION,
  SUBGRAPH,
  TENSOR,
  TENSOR_TYPES,
} from "./schema.js";

/** How the integers of a tensor stand for numbers, (q - zeroPoint) scale: one pair for all, or one for each part along an axis. */
export interface QuantizationDraft {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

/** A tensor to write; its numbers are little-endian. */
export interface TensorDraft {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: "float32" | "int32" | "int8" | "bool";
  readonly data?: Uint8Array | undefined;
  readonly quantization?: QuantizationDraft | undefined;
}

/** An operator to write; options have the names of OPTIONS. */
export interface OperatorDraft {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Readonly<Record<string, number | readonly number[]>>;
  /** The version of the operator, 1 by default; those for integers are later than those for floats. */
  readonly version?: number;
}

/** A model to write. */
export interface TfliteDraft {
  readonly tensors: readonly TensorDraft[];
  readonly operators: readonly OperatorDraft[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly description: string;
  /** Texts besides the net, by their names. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Alignment of numbers, as the runtime maps them into memory. */
const DATA_ALIGNMENT = 16;
const SCHEMA_VERSION = 3;
const IDENTIFIER = "TFL3";

type Offset = number;

const intVector = (builder: Builder, values: readonly number[]): Offset => {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addInt32(value);
  return builder.endVector();
};

const offsetVector = (builder: Builder, offsets: readonly Offset[]): Offset => {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
};

/** A table; each field is added by a function of its number. */
const table = (builder: Builder, fields: number, add: () => void): Offset => {
  builder.startObject(fields);
  add();
  return builder.endObject();
};

const bufferTable = (builder: Builder, data: Uint8Array | undefined): Offset => {
  let vector = 0;
  if (data) {
    builder.prep(DATA_ALIGNMENT, data.length);
    vector = builder.createByteVector(data);
  }
  return table(builder, 1, () => builder.addFieldOffset(BUFFER.data, vector, 0));
};

const floatVector = (builder: Builder, values: readonly number[]): Offset => {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
};

const longVector = (builder: Builder, values: readonly number[]): Offset => {
  builder.startVector(8, values.length, 8);
  for (const value of values.toReversed()) builder.addInt64(BigInt(value));
  return builder.endVector();
};

const quantizationTable = (builder: Builder, quantization: QuantizationDraft): Offset => {
  const { scale, zeroPoint, axis } = quantization;
  const [scaleAt, zeroAt] = [floatVector(builder, scale), longVector(builder, zeroPoint)];
  return table(builder, 7, () => {
    builder.addFieldOffset(QUANTIZATION.scale, scaleAt, 0);
    builder.addFieldOffset(QUANTIZATION.zeroPoint, zeroAt, 0);
    builder.addFieldInt32(QUANTIZATION.axis, axis, 0);
  });
};

const tensorTable = (
  builder: Builder,
  { name, shape, type, quantization }: TensorDraft,
  buffer: number,
): Offset => {
  const [nameAt, shapeAt] = [builder.createString(name), intVector(builder, shape)];
  const quantizationAt = quantization ? quantizationTable(builder, quantization) : 0;
  return table(builder, 8, () => {
    builder.addFieldOffset(TENSOR.shape, shapeAt, 0);
    builder.addFieldInt8(TENSOR.type, TENSOR_TYPES[type], 0);
    builder.addFieldInt32(TENSOR.buffer, buffer, 0);
    builder.addFieldOffset(TENSOR.name, nameAt, 0);
    builder.addFieldOffset(TENSOR.quantization, quantizationAt, 0);
  });
};

/** The options of an operator; 0 if it has none. */
const optionsTable = (builder: Builder, { op, options = {} }: OperatorDraft): Offset => {
  const schema = OPTIONS[op];
  if (!schema) return 0;
  const vectors = new Map<string, Offset>();
  for (const [name, value] of Object.entries(options))
    if (typeof value !== "number") vectors.set(name, intVector(builder, value));
  return table(builder, schema.fields.length, () => {
    for (const [index, field] of schema.fields.entries()) {
      if (!field) continue;
      const [name, type, otherwise = 0] = field;
      const value = options[name];
      if (value === undefined) continue;
      if (type === "ints") builder.addFieldOffset(index, vectors.get(name) ?? 0, 0);
      else if (type === "int") builder.addFieldInt32(index, value as number, otherwise);
      else if (type === "float") builder.addFieldFloat32(index, value as number, otherwise);
      else builder.addFieldInt8(index, value as number, otherwise);
    }
  });
};

const operatorTable = (builder: Builder, operator: OperatorDraft, code: number): Offset => {
  const options = optionsTable(builder, operator);
  const inputs = intVector(builder, operator.inputs);
  const outputs = intVector(builder, operator.outputs);
  return table(builder, 9, () => {
    builder.addFieldInt32(OPERATOR.code, code, 0);
    builder.addFieldOffset(OPERATOR.inputs, inputs, 0);
    builder.addFieldOffset(OPERATOR.outputs, outputs, 0);
    builder.addFieldInt8(
      OPERATOR.optionsType,
      options ? (OPTIONS[operator.op]?.number ?? 0) : 0,
      0,
    );
    builder.addFieldOffset(OPERATOR.options, options, 0);
  });
};

/** The largest number that the older field for operators can hold. */
const MOST_OLD_CODES = 127;

/** An operator and its version. */
const codeOf = ({ op, version = 1 }: OperatorDraft): string => `${op} ${version}`;

const codeTable = (builder: Builder, code: string): Offset => {
  const [op = "", version = ""] = code.split(" ");
  const number = operatorNumber(op);
  if (number < 0) throw new Error(`there is no operator ${op}`);
  return table(builder, 4, () => {
    builder.addFieldInt8(OPERATOR_CODE.oldCode, Math.min(number, MOST_OLD_CODES), 0);
    builder.addFieldInt32(OPERATOR_CODE.version, Number(version), 1);
    builder.addFieldInt32(OPERATOR_CODE.code, number, 0);
  });
};

/** Encodes a model as a .tflite file. */
export const encodeTflite = (draft: TfliteDraft): Uint8Array => {
  const { tensors, operators, inputs, outputs, description, metadata } = draft;
  const builder = new Builder(1 << 20);
  // The first buffer is empty, for tensors that are computed.
  const contents: (Uint8Array | undefined)[] = [undefined];
  const place = (data: Uint8Array | undefined): number => (data ? contents.push(data) - 1 : 0);
  const buffersOf = tensors.map(({ data }) => place(data));
  const metadataPlaces = [...metadata].map(
    ([name, text]) => [name, place(new TextEncoder().encode(text))] as const,
  );
  const buffers = offsetVector(
    builder,
    contents.map((data) => bufferTable(builder, data)),
  );
  const ops = [...new Set(operators.map(codeOf))];
  const codes = offsetVector(
    builder,
    ops.map((code) => codeTable(builder, code)),
  );
  const tensorTables = offsetVector(
    builder,
    tensors.map((tensor, index) => tensorTable(builder, tensor, buffersOf[index] as number)),
  );
  const operatorTables = offsetVector(
    builder,
    operators.map((operator) => operatorTable(builder, operator, ops.indexOf(codeOf(operator)))),
  );
  const [inputsAt, outputsAt] = [intVector(builder, inputs), intVector(builder, outputs)];
  const name = builder.createString("main");
  const subgraph = table(builder, 5, () => {
    builder.addFieldOffset(SUBGRAPH.tensors, tensorTables, 0);
    builder.addFieldOffset(SUBGRAPH.inputs, inputsAt, 0);
    builder.addFieldOffset(SUBGRAPH.outputs, outputsAt, 0);
    builder.addFieldOffset(SUBGRAPH.operators, operatorTables, 0);
    builder.addFieldOffset(SUBGRAPH.name, name, 0);
  });
  const subgraphs = offsetVector(builder, [subgraph]);
  const metadataTables = offsetVector(
    builder,
    metadataPlaces.map(([key, buffer]) => {
      const keyAt = builder.createString(key);
      return table(builder, 2, () => {
        builder.addFieldOffset(METADATA.name, keyAt, 0);
        builder.addFieldInt32(METADATA.buffer, buffer, 0);
      });
    }),
  );
  const descriptionAt = builder.createString(description);
  const model = table(builder, 8, () => {
    builder.addFieldInt32(MODEL.version, SCHEMA_VERSION, 0);
    builder.addFieldOffset(MODEL.operatorCodes, codes, 0);
    builder.addFieldOffset(MODEL.subgraphs, subgraphs, 0);
    builder.addFieldOffset(MODEL.description, descriptionAt, 0);
    builder.addFieldOffset(MODEL.buffers, buffers, 0);
    builder.addFieldOffset(MODEL.metadata, metadataTables, 0);
  });
  builder.finish(model, IDENTIFIER);
  return builder.asUint8Array();
};
