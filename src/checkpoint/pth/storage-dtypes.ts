import type { StoredDtype } from "../safetensors/stored-tensor.js";

/** PyTorch's storage classes by module and name. Complex and quantized ones hold no net of this kind. */
const STORAGES: readonly (readonly [name: string, dtype: StoredDtype])[] = [
  ["torch.FloatStorage", "F32"],
  ["torch.DoubleStorage", "F64"],
  ["torch.HalfStorage", "F16"],
  ["torch.BFloat16Storage", "BF16"],
  ["torch.LongStorage", "I64"],
  ["torch.IntStorage", "I32"],
  ["torch.ShortStorage", "I16"],
  ["torch.CharStorage", "I8"],
  ["torch.ByteStorage", "U8"],
  ["torch.BoolStorage", "BOOL"],
];

export const STORAGE_DTYPES: ReadonlyMap<string, StoredDtype> = new Map(STORAGES);

/** The storage class of a dtype; undefined for those that PyTorch's files have none for. */
export const storageNameOf = (dtype: StoredDtype): string | undefined =>
  STORAGES.find(([, each]) => each === dtype)?.[0];
