import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type StoredDtype, type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { MessageProblem } from "./decode-message.js";
import { MAX_DIMS, MAX_VARINTS } from "./limits.js";
import { ELEMENT_TYPES, type OnnxTensor } from "./messages.js";

const DTYPES: ReadonlyMap<number, StoredDtype> = new Map([
  [ELEMENT_TYPES.float, "F32"],
  [ELEMENT_TYPES.uint8, "U8"],
  [ELEMENT_TYPES.int8, "I8"],
  [ELEMENT_TYPES.uint16, "U16"],
  [ELEMENT_TYPES.int16, "I16"],
  [ELEMENT_TYPES.int32, "I32"],
  [ELEMENT_TYPES.int64, "I64"],
  // Truth values are bytes of 0 and 1.
  [ELEMENT_TYPES.bool, "U8"],
  [ELEMENT_TYPES.float16, "F16"],
  [ELEMENT_TYPES.double, "F64"],
  [ELEMENT_TYPES.uint32, "U32"],
  [ELEMENT_TYPES.uint64, "U64"],
  [ELEMENT_TYPES.bfloat16, "BF16"],
]);

/** Types of less than a byte, whose numbers follow each other from the lowest bits of a byte. */
const FEW_BITS: ReadonlyMap<number, { readonly bits: 2 | 4; readonly isSigned: boolean }> = new Map(
  [
    [ELEMENT_TYPES.uint4, { bits: 4, isSigned: false }],
    [ELEMENT_TYPES.int4, { bits: 4, isSigned: true }],
    [ELEMENT_TYPES.uint2, { bits: 2, isSigned: false }],
    [ELEMENT_TYPES.int2, { bits: 2, isSigned: true }],
  ],
);

/** A tensor of an ONNX file. */
export interface StoredOnnxTensor extends StoredTensor {
  /** The bits of each number in the file, if they are less than those of its type here. */
  readonly fileBits?: 2 | 4;
}

/** A tensor's element type and shape, and the bytes that its numbers need. */
export interface TensorLayout {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/**
 * The layout of a tensor, which is checked before anything is allocated for it.
 * @throws MessageProblem for element types other than plain numbers, and for impossible shapes.
 */
export const layoutOf = ({ dataType, dims }: OnnxTensor): TensorLayout => {
  const dtype = DTYPES.get(dataType ?? 0);
  if (!dtype) throw new MessageProblem(`has element type ${dataType ?? 0}, which is not supported`);
  const isShape = dims.length <= MAX_DIMS && dims.every((side) => side >= 0);
  const bytes = isShape ? storedBytes(dtype, dims) : undefined;
  if (bytes === undefined) throw new MessageProblem(`has the impossible shape [${dims}]`);
  return { dtype, shape: dims, bytes };
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
};

/** Integers that are stored as varints, in the bytes of their dtype. */
const fromVarints = ({ bytes, shape }: TensorLayout, parts: readonly Uint8Array[]): Uint8Array => {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count > MAX_VARINTS) {
    throw new MessageProblem(`has ${count} varints (limit: ${MAX_VARINTS})`);
  }
  const result = new Uint8Array(bytes);
  const view = new DataView(result.buffer);
  const width = count === 0 ? 0 : bytes / count;
  const reader = new BinaryReader(joined(parts));
  for (let index = 0; index < count; index++) {
    if (reader.pos >= reader.len) throw new MessageProblem(`has ${index} of ${count} numbers`);
    const value = BigInt(reader.int64());
    if (width === 8) view.setBigInt64(index * width, value, true);
    else if (width === 4) view.setInt32(index * width, Number(BigInt.asIntN(32, value)), true);
    else if (width === 2) view.setInt16(index * width, Number(BigInt.asIntN(16, value)), true);
    else view.setInt8(index, Number(BigInt.asIntN(8, value)));
  }
  if (reader.pos < reader.len) throw new MessageProblem(`has more than ${count} numbers`);
  return result;
};

const inFields = (tensor: OnnxTensor, layout: TensorLayout): Uint8Array => {
  switch (layout.dtype) {
    case "F32":
      return joined(tensor.floatData);
    case "F64":
      return joined(tensor.doubleData);
    case "I64":
      return fromVarints(layout, tensor.int64Data);
    case "U32":
    case "U64":
      return fromVarints(layout, tensor.uint64Data);
    default:
      return fromVarints(layout, tensor.int32Data);
  }
};

/** Numbers of less than a byte as bytes. */
const unpacked = (
  tensor: OnnxTensor,
  external: Uint8Array | undefined,
): StoredOnnxTensor | undefined => {
  const type = FEW_BITS.get(tensor.dataType ?? 0);
  if (!type) return undefined;
  const { bits, isSigned } = type;
  const { dims } = tensor;
  const count = layoutOf({ ...tensor, dataType: ELEMENT_TYPES.int8 }).bytes;
  const packed = external ?? tensor.rawData ?? new Uint8Array();
  const inByte = 8 / bits;
  if (packed.length !== Math.ceil(count / inByte))
    throw new MessageProblem(
      `of shape [${dims}] needs ${Math.ceil(count / inByte)} bytes, but has ${packed.length}`,
    );
  const data = new Uint8Array(count);
  const [half, whole] = [2 ** (bits - 1), 2 ** bits];
  for (let index = 0; index < count; index++) {
    const byte = packed[Math.floor(index / inByte)] as number;
    const value = (byte >> (bits * (index % inByte))) & (whole - 1);
    data[index] = isSigned && value >= half ? value - whole : value;
  }
  return { dtype: isSigned ? "I8" : "U8", shape: dims, data, fileBits: bits };
};

/**
 * A tensor with its numbers, which may share the memory of the message.
 * @param external its bytes, if another file contains them
 * @throws MessageProblem if the numbers do not fit its shape.
 */
export const storedTensorOf = (tensor: OnnxTensor, external?: Uint8Array): StoredOnnxTensor => {
  const few = unpacked(tensor, external);
  if (few) return few;
  const layout = layoutOf(tensor);
  const { dtype, shape, bytes } = layout;
  const data = external ?? tensor.rawData ?? inFields(tensor, layout);
  if (data.length !== bytes) {
    throw new MessageProblem(`of shape [${shape}] needs ${bytes} bytes, but has ${data.length}`);
  }
  return { dtype, shape, data };
};
