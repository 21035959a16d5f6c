import { writeCheckpoint } from "../checkpoint/checkpoint.js";
import { denseState, type ExportNet, manifestOf } from "./export-net.js";
import { verifyWrittenFile } from "./verify-written-file.js";

/**
 * Writes a net's quantized weights in float32 under PyTorch's names, and verifies the written file (see
 * verifyWrittenFile). Returns the file's size in bytes. `version` is the package's.
 */
export const writeDenseNet = async (
  net: ExportNet,
  path: string,
  version: string,
): Promise<number> => {
  const state = denseState(net);
  await writeCheckpoint(path, state, manifestOf(net, version));
  return verifyWrittenFile(path, state);
};
