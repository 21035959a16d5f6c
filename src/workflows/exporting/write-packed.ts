import type { ExportNet } from "../../export/export-net.js";
import { packNet, widenedKernels, writePackedNet } from "../../export/packed-file.js";
import { packageVersion } from "../../files/package-version.js";
import type { FormatOptions, Written } from "./format.js";
import { layoutOf } from "./layout-of.js";

/**
 * Writes a net with its quantized kernels packed, and verifies the written file.
 * @throws QpruneError if the file cannot be written or verified.
 */
export const writePacked = async (
  net: ExportNet,
  path: string,
  { edges }: FormatOptions,
): Promise<Written> => {
  const packed = packNet(net, edges, path);
  const bytes = await writePackedNet(packed, path, packageVersion());
  const widened = widenedKernels(packed);
  return {
    layout: layoutOf(packed.packed, bytes),
    check: `all ${packed.after.state.size} tensors are bit-identical`,
    ...(edges === "int8" && { readBack: packed.after.net }),
    notices: widened.map(
      (name) => `${name} contains zeros as well as -1 and 1, so it takes 2 bits per weight, not 1.`,
    ),
  };
};
