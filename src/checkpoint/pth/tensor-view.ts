import type { StoredDtype } from "../safetensors/stored-tensor.js";

/** Elements that lie one after the other in a file, under the key that the pickle calls them by. */
export interface StorageRef {
  readonly kind: "storage";
  readonly key: string;
  readonly dtype: StoredDtype;
  readonly elements: number;
  /** Where it begins in what the key stands for: 0 but for parts, which files before torch 0.4 have. */
  readonly start: number;
}

/** A tensor as a pickle describes it; several may share a storage. */
export interface TensorView {
  readonly kind: "tensor";
  readonly storage: StorageRef;
  readonly shape: readonly number[];
  /** Elements from one index to the next, for each dimension. */
  readonly strides: readonly number[];
  /** The first element's place in the storage. */
  readonly offset: number;
}

/** What a checkpoint's pickle rebuilds. */
export type TorchObject = StorageRef | TensorView;

/** What a file holds before its tensors are cut out: the value of its pickle, and the bytes of a whole storage. */
export interface RawCheckpoint<V> {
  readonly root: V;
  readonly bytesOf: (key: string) => Uint8Array;
}
