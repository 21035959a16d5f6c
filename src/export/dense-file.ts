import { writeCheckpoint } from "../checkpoint/checkpoint.js";
import { denseState, type ExportNet, manifestOf } from "./export-net.js";
import { readBack } from "./verify-written-file.js";

/**
 * Writes a net's weights as it computes with them as float32 under PyTorch's names, and reads the file
 * back (see readBack); gives its bytes. `version` is that of the package.
 */
export const writeDenseNet = async (
  net: ExportNet,
  path: string,
  version: string,
): Promise<number> => {
  const state = denseState(net);
  await writeCheckpoint(path, state, manifestOf(net, version));
  return readBack(path, state);
};
