import { writeCheckpoint } from "../checkpoint/checkpoint.js";
import { denseState } from "./dense-state.js";
import type { ExportNet } from "./export-net.js";
import { manifestOf } from "./manifest-of.js";
import { readBack } from "./read-back.js";

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
