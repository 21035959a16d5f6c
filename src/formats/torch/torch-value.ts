import { isTuple, type PickleValue } from "../pickle/pickle-value.js";
import type { StoredDtype } from "../safetensors/stored-tensor.js";

/** A class of PyTorch's storages. */
export interface StorageType {
  /** How PyTorch calls the type of its elements. */
  readonly shown: string;
  readonly elementBytes: number;
  /** Undefined for elements that no net here is made of: tensors of them are named, but not read. */
  readonly dtype?: StoredDtype;
}

/** The storage of bytes that tensors of newer types have; the tensor names their type. */
export const UNTYPED_STORAGE = "torch.storage.UntypedStorage";

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

/** The storage class of a dtype; undefined for those that PyTorch's files have none for. */
export const storageNameOf = (dtype: StoredDtype): string | undefined =>
  TYPES.find(([, , , each]) => each === dtype)?.[0];

/** The types of tensors in untyped storages, by the names that pickles give them. */
export const UNTYPED_DTYPES: ReadonlyMap<string, StoredDtype> = new Map([
  ["torch.uint16", "U16"],
  ["torch.uint32", "U32"],
  ["torch.uint64", "U64"],
  ["torch.float8_e4m3fn", "F8_E4M3"],
  ["torch.float8_e5m2", "F8_E5M2"],
]);

/** Elements that lie one after the other in a file, under the key that the pickle calls them by. */
export interface StorageRef {
  readonly kind: "storage";
  readonly key: string;
  readonly type: StorageType;
  readonly elements: number;
  /** Where it begins in what the key stands for: 0 except for parts, which files before torch 0.4 have. */
  readonly start: number;
}

/** A tensor as a pickle describes it; several may share a storage. */
export interface TensorView {
  readonly kind: "tensor";
  readonly dtype: StoredDtype;
  readonly storage: StorageRef;
  readonly shape: readonly number[];
  /** Elements from one index to the next, for each dimension. */
  readonly strides: readonly number[];
  /** The first element's place in the storage. */
  readonly offset: number;
}

/** A tensor of a kind that is not read: sparse, quantized, without data. */
export interface ForeignTensor {
  readonly kind: "foreign tensor";
  /** As in "is a sparse tensor". */
  readonly what: string;
}

/** What a checkpoint's pickle rebuilds. */
export type TorchObject = StorageRef | TensorView | ForeignTensor;

/** What a file holds before its tensors are cut out: the value of its pickle, and the bytes of a whole storage. */
export interface RawCheckpoint<V> {
  readonly root: V;
  readonly bytesOf: (key: string) => Uint8Array;
  /** Whether the bytes of every element come in the opposite order. */
  readonly isBigEndian: boolean;
}

/** A value of a checkpoint's pickle. */
export type TorchValue = PickleValue<TorchObject>;

/** True for a torch object of that kind. */
export const isTorch = <K extends TorchObject["kind"]>(
  value: TorchValue | undefined,
  kind: K,
): value is Extract<TorchObject, { kind: K }> =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** True for a whole number that can count something. */
export const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

/** The items of a list or a tuple; undefined for every other value. */
export const itemsOf = (value: TorchValue | undefined): readonly TorchValue[] | undefined => {
  if (isTuple(value)) return value.items;
  return Array.isArray(value) ? value : undefined;
};
