/** Bytes per element of every supported dtype; dtypes smaller than a byte are refused. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

/** Name of an element type in safetensors. */
export type StoredDtype = keyof typeof DTYPE_BYTES;

/** A tensor as it is stored in a file. */
export interface StoredTensor {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Elements in row-major order, little-endian; not necessarily aligned. */
  readonly data: Uint8Array;
}

/** Content of a safetensors file. */
export interface SafetensorsFile {
  /** By name, in the order of the file's header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Whether `name` is a supported dtype. */
export const isStoredDtype = (name: string): name is StoredDtype =>
  Object.hasOwn(DTYPE_BYTES, name);

/** Bytes of a tensor; undefined if their number is not a safe integer (CWE-190). */
export const storedBytes = (dtype: StoredDtype, shape: readonly number[]): number | undefined => {
  let bytes: number = DTYPE_BYTES[dtype];
  for (const side of shape) {
    bytes *= side;
    if (!Number.isSafeInteger(bytes) || side < 0) return undefined;
  }
  return bytes;
};
