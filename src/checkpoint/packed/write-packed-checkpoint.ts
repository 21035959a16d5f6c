import { writeFileAtomically } from "../../files/write-file-atomically.js";
import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import { type Manifest, manifestToMetadata } from "../manifest.js";
import type { PackedState } from "./pack-state.js";
import { PACKING_KEY } from "./packing.js";

/**
 * Writes a packed state dict with its manifest as safetensors (docs/packed-format.md); the old file stays
 * until the new one is complete.
 */
export const writePackedCheckpoint = async (
  path: string,
  { tensors, packing }: PackedState,
  manifest: Manifest,
): Promise<void> => {
  const metadata = { ...manifestToMetadata(manifest), [PACKING_KEY]: JSON.stringify(packing) };
  await writeFileAtomically(path, encodeSafetensors(tensors, metadata));
};
