import type { StoredDtype } from "../safetensors/stored-tensor.js";
import type { StorageType } from "./storage-types.js";

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
