import type { MapStorage, Storage } from "../../tensor/storage.js";

/** How a layer's input and output are stored in training. */
export interface LayerStorage extends MapStorage {
  /** The output in inference. */
  readonly inferred: Storage;
}
