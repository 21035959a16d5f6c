import { QpruneError } from "../../base/errors.js";
import { quoted, visibleText } from "../../base/visible-text.js";
import type { OpenFile } from "../../files/reading/with-open-file.js";
import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { type StoredDtype, type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { MAX_RANK } from "./limits.js";
import {
  BUFFER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPTIONS,
  operatorName,
  QUANTIZATION,
  SUBGRAPH,
  TENSOR,
  TENSOR_TYPES,
} from "./schema.js";
import { rootTable, type Table, TfliteProblem } from "./table.js";

/** How integers stand for floats: (q - zeroPoint) scale, with one pair for all or one for each part along an axis. */
export interface TfliteQuantization {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

/** A tensor of a model. */
export interface TfliteTensor {
  /** Unique within the model. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A number of TENSOR_TYPES, or another one that the schema has. */
  readonly type: number;
  readonly quantization: TfliteQuantization | undefined;
  /** Its numbers, if the file contains them; they share the memory of the file. */
  readonly constant: StoredTensor | undefined;
}

/** An operator with the numbers of the tensors that it reads and computes; -1 for an input that is absent. */
export interface TfliteOperator {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** By their names in OPTIONS: numbers, or lists of numbers. */
  readonly options: Readonly<Record<string, number | readonly number[]>>;
}

/** A .tflite file as read. */
export interface TfliteFile {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** The error for bytes that are not a valid .tflite file. */
export const malformedTflite = (path: string, reason: string, cause?: unknown): QpruneError =>
  new QpruneError(visibleText(`${path} is not a valid .tflite file: ${reason}.`), {
    hint: "Check that it is the right file and was copied completely, or convert it again.",
    cause,
  });

const IDENTIFIER = "TFL3";

/** Whether a file starts like a .tflite file. */
export const isTflite = (start: Uint8Array): boolean =>
  Buffer.from(start.subarray(4, 8)).toString("latin1") === IDENTIFIER;

const DTYPES: ReadonlyMap<number, StoredDtype> = new Map([
  [TENSOR_TYPES.float32, "F32"],
  [TENSOR_TYPES.float16, "F16"],
  [TENSOR_TYPES.int32, "I32"],
  [TENSOR_TYPES.uint8, "U8"],
  [TENSOR_TYPES.int64, "I64"],
  [TENSOR_TYPES.bool, "U8"],
  [TENSOR_TYPES.int16, "I16"],
  [TENSOR_TYPES.int8, "I8"],
  [TENSOR_TYPES.float64, "F64"],
]);

const constantOf = (
  name: string,
  { type, shape, data }: { type: number; shape: readonly number[]; data: Uint8Array | undefined },
): StoredTensor | undefined => {
  const dtype = DTYPES.get(type);
  // The first buffer of a file is empty, for tensors that are computed.
  if (!data || data.length === 0 || !dtype) return undefined;
  const wanted = storedBytes(dtype, shape);
  if (wanted !== data.length)
    throw new TfliteProblem(
      `tensor ${quoted(name)} of the shape [${shape}] needs ${wanted} bytes, but has ${data.length}`,
    );
  return { dtype, shape, data };
};

const quantizationOf = (table: Table | undefined): TfliteQuantization | undefined => {
  const scale = table?.float32s(QUANTIZATION.scale);
  if (!table || !scale || scale.length === 0) return undefined;
  const zeroPoint = table.int64s(QUANTIZATION.zeroPoint) ?? [];
  return { scale, zeroPoint, axis: table.int32(QUANTIZATION.axis) };
};

const tensorsOf = (subgraph: Table, buffers: readonly Table[]): TfliteTensor[] => {
  const taken = new Set<string>();
  return subgraph.tables(SUBGRAPH.tensors).map((table, index) => {
    const given = table.text(TENSOR.name) || `tensor${index}`;
    const name = taken.has(given) ? `${given}:${index}` : given;
    taken.add(name);
    const shape = table.int32s(TENSOR.shape) ?? [];
    if (shape.length > MAX_RANK || shape.some((side) => side < 0))
      throw new TfliteProblem(`tensor ${quoted(name)} has the impossible shape [${shape}]`);
    if (table.table(TENSOR.sparsity))
      throw new TfliteProblem(`tensor ${quoted(name)} is sparse, which is not supported`);
    const type = table.int8(TENSOR.type);
    const data = buffers[table.int32(TENSOR.buffer)]?.bytes(BUFFER.data);
    return {
      name,
      shape,
      type,
      quantization: quantizationOf(table.table(TENSOR.quantization)),
      constant: constantOf(name, { type, shape, data }),
    };
  });
};

const optionsOf = (op: string, table: Table): TfliteOperator["options"] => {
  const schema = OPTIONS[op];
  const given = table.table(OPERATOR.options);
  if (!schema || !given || table.uint8(OPERATOR.optionsType) !== schema.number) return {};
  const options: Record<string, number | readonly number[]> = {};
  for (const [index, field] of schema.fields.entries()) {
    if (!field) continue;
    const [name, type, otherwise = 0] = field;
    if (type === "ints") options[name] = given.int32s(index) ?? [];
    else if (type === "int") options[name] = given.int32(index, otherwise);
    else if (type === "float") options[name] = given.float32(index, otherwise);
    else options[name] = given.int8(index, otherwise);
  }
  return options;
};

/** The name of an operator; those of others than LiteRT have a name of their own. */
const nameOf = (code: Table): string => {
  // Numbers above 127 are only in the newer field.
  const name = operatorName(
    Math.max(code.int8(OPERATOR_CODE.oldCode), code.int32(OPERATOR_CODE.code)),
  );
  return name === "CUSTOM" ? `CUSTOM ${code.text(OPERATOR_CODE.customCode)}` : name;
};

const parse = (bytes: Uint8Array): TfliteFile => {
  if (!isTflite(bytes)) throw new TfliteProblem("it does not start as one");
  const model = rootTable(bytes);
  const codes = model.tables(MODEL.operatorCodes).map(nameOf);
  const [subgraph, ...more] = model.tables(MODEL.subgraphs);
  if (!subgraph || more.length > 0)
    throw new TfliteProblem(`it has ${more.length + (subgraph ? 1 : 0)} graphs; a net is one`);
  const tensors = tensorsOf(subgraph, model.tables(MODEL.buffers));
  const indices = (table: Table, field: number): readonly number[] => {
    const found = table.int32s(field) ?? [];
    const wrong = found.find((index) => index < -1 || index >= tensors.length);
    if (wrong === undefined) return found;
    throw new TfliteProblem(`it refers to tensor ${wrong} of ${tensors.length}`);
  };
  const operators = subgraph.tables(SUBGRAPH.operators).map((table): TfliteOperator => {
    const op = codes[table.int32(OPERATOR.code)];
    if (op === undefined) throw new TfliteProblem("an operator has a number that is not listed");
    return {
      op,
      inputs: indices(table, OPERATOR.inputs),
      outputs: indices(table, OPERATOR.outputs),
      options: optionsOf(op, table),
    };
  });
  return {
    tensors,
    operators,
    inputs: indices(subgraph, SUBGRAPH.inputs),
    outputs: indices(subgraph, SUBGRAPH.outputs),
  };
};

/** Parses the bytes of a .tflite file. Its tensors are views of them. @throws QpruneError if they are not valid. */
export const parseTflite = (bytes: Uint8Array, path: string): TfliteFile => {
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof TfliteProblem)) throw error;
    throw malformedTflite(path, error.message, error);
  }
};

/** Reads an open .tflite file. @throws QpruneError if it is not valid. */
export const readOpenTflite = async ({ path, size, read }: OpenFile): Promise<TfliteFile> => {
  if (size > MAX_FILE_BYTES)
    throw malformedTflite(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  return parseTflite(await read(0, size), path);
};
