import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import { encodePth } from "../../formats/torch/encode-pth.js";
import { isManifest } from "../manifest.js";
import { BEST_ACCURACY_KEY, type NetFile, type NetFileFormat } from "./net-file.js";

const safetensorsMetadata = ({ metadata, bestAccuracy }: NetFile): NetFile["metadata"] =>
  bestAccuracy === undefined || isManifest(metadata)
    ? metadata
    : { ...metadata, [BEST_ACCURACY_KEY]: JSON.stringify(bestAccuracy) };

/** In a .pth file, the best accuracy has a key of its own. */
const pthMetadata = ({ metadata }: NetFile): NetFile["metadata"] =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== BEST_ACCURACY_KEY));

/**
 * Encodes a file of a net as consecutive chunks, which share the tensors' memory.
 * @throws QpruneError if the format cannot store a tensor, or the file would exceed a limit for reading.
 */
export const encodeNetFile = (format: NetFileFormat, file: NetFile): Uint8Array[] => {
  switch (format) {
    case "safetensors":
      return encodeSafetensors(file.tensors, safetensorsMetadata(file));
    case "pth":
      return encodePth({ ...file, metadata: pthMetadata(file) });
  }
};
