import { encodeSafetensors } from "../formats/safetensors/encode-safetensors.js";
import { encodePth } from "../formats/torch/encode-pth.js";
import { isManifest } from "./manifest.js";
import { BEST_ACCURACY_KEY, type StateFile, type StateFileFormat } from "./state-file.js";

const safetensorsMetadata = ({ metadata, bestAccuracy }: StateFile): StateFile["metadata"] =>
  bestAccuracy === undefined || isManifest(metadata)
    ? metadata
    : { ...metadata, [BEST_ACCURACY_KEY]: JSON.stringify(bestAccuracy) };

/** In a .pth it has a key of its own. */
const pthMetadata = ({ metadata }: StateFile): StateFile["metadata"] =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== BEST_ACCURACY_KEY));

/**
 * The chunks of a file of a net, to be written one after the other; they share the tensors' memory.
 * @throws QpruneError where a tensor or a limit does not fit the format.
 */
export const encodeStateFile = (format: StateFileFormat, file: StateFile): Uint8Array[] => {
  switch (format) {
    case "safetensors":
      return encodeSafetensors(file.tensors, safetensorsMetadata(file));
    case "pth":
      return encodePth({ ...file, metadata: pthMetadata(file) });
  }
};
