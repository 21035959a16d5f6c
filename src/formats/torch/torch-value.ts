import { isTuple, type PickleValue } from "../pickle/pickle-value.js";
import type { StoredDtype } from "../safetensors/stored-tensor.js";

/** A storage class of PyTorch. */
export interface StorageType {
  /** PyTorch's name for the element type. */
  readonly shown: string;
  readonly elementBytes: number;
  /** Undefined for unsupported element types, which are named in error messages only. */
  readonly dtype?: StoredDtype;
}

/** The byte storage of tensors with newer types; the tensor specifies its type. */
const UNTYPED_STORAGE = "torch.storage.UntypedStorage";

const TYPES: readonly (readonly [
  name: string,
  shown: string,
  bytes: number,
  dtype?: StoredDtype,
])[] = [
  ["torch.FloatStorage", "float32", 4, "F32"],
  ["torch.DoubleStorage", "float64", 8, "F64"],
  ["torch.HalfStorage", "float16", 2, "F16"],
  ["torch.BFloat16Storage", "bfloat16", 2, "BF16"],
  ["torch.LongStorage", "int64", 8, "I64"],
  ["torch.IntStorage", "int32", 4, "I32"],
  ["torch.ShortStorage", "int16", 2, "I16"],
  ["torch.CharStorage", "int8", 1, "I8"],
  ["torch.ByteStorage", "uint8", 1, "U8"],
  ["torch.BoolStorage", "bool", 1, "BOOL"],
  ["torch.ComplexFloatStorage", "complex64", 8, "C64"],
  ["torch.ComplexDoubleStorage", "complex128", 16],
  ["torch.QInt8Storage", "qint8", 1],
  ["torch.QUInt8Storage", "quint8", 1],
  ["torch.QInt32Storage", "qint32", 4],
  ["torch.QUInt4x2Storage", "quint4x2", 1],
  ["torch.QUInt2x4Storage", "quint2x4", 1],
  [UNTYPED_STORAGE, "uint8", 1, "U8"],
];

/** PyTorch's storage classes by module and name. */
export const STORAGE_TYPES: ReadonlyMap<string, StorageType> = new Map(
  TYPES.map(([name, shown, elementBytes, dtype]) => [
    name,
    { shown, elementBytes, ...(dtype && { dtype }) },
  ]),
);

/** The storage class of a dtype; undefined if PyTorch's files have none. */
export const storageNameOf = (dtype: StoredDtype): string | undefined =>
  TYPES.find(([, , , each]) => each === dtype)?.[0];

/** Types of tensors in untyped storages, by their names in pickles. */
export const UNTYPED_DTYPES: ReadonlyMap<string, StoredDtype> = new Map([
  ["torch.uint16", "U16"],
  ["torch.uint32", "U32"],
  ["torch.uint64", "U64"],
  ["torch.float8_e4m3fn", "F8_E4M3"],
  ["torch.float8_e5m2", "F8_E5M2"],
]);

/** Consecutive elements in a file, under a key that the pickle refers to. */
export interface StorageRef {
  readonly kind: "storage";
  readonly key: string;
  readonly type: StorageType;
  readonly elements: number;
  /** First element within the key's data; 0 except for parts of storages, which files before torch 0.4 have. */
  readonly start: number;
}

/** A tensor as a pickle describes it. Several may share a storage. */
export interface TensorView {
  readonly kind: "tensor";
  readonly dtype: StoredDtype;
  readonly storage: StorageRef;
  readonly shape: readonly number[];
  /** For each dimension, the number of elements from one index to the next. */
  readonly strides: readonly number[];
  /** Index of the first element in the storage. */
  readonly offset: number;
}

/** A tensor of an unsupported kind: sparse, quantized, without data. */
export interface ForeignTensor {
  readonly kind: "foreign tensor";
  /** With its article, as in "a sparse tensor". */
  readonly what: string;
}

/** An object that a checkpoint's pickle rebuilds. */
export type TorchObject = StorageRef | TensorView | ForeignTensor;

/** A file before its tensors are extracted: the value of its pickle, and the bytes of each storage. */
export interface RawCheckpoint<V> {
  readonly root: V;
  readonly bytesOf: (key: string) => Uint8Array;
  /** Whether the elements are big-endian. */
  readonly isBigEndian: boolean;
}

/** A value of a checkpoint's pickle. */
export type TorchValue = PickleValue<TorchObject>;

/** Whether a value is a torch object of that kind. */
export const isTorch = <K extends TorchObject["kind"]>(
  value: TorchValue | undefined,
  kind: K,
): value is Extract<TorchObject, { kind: K }> =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** Whether a value is a non-negative safe integer. */
export const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The items of a list or tuple; undefined for every other value. */
export const itemsOf = (value: TorchValue | undefined): readonly TorchValue[] | undefined => {
  if (isTuple(value)) return value.items;
  return Array.isArray(value) ? value : undefined;
};
