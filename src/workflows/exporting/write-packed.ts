import type { ExportNet } from "../../export/export-net.js";
import { packNet, widenedKernels, writePackedNet } from "../../export/packed-file.js";
import { packageVersion } from "../../files/package-version.js";
import type { FormatOptions, Written } from "./format.js";
import { layoutOf } from "./layout-of.js";

/**
 * Writes a net with its quantized kernels packed, and reads the file back.
 * @throws QpruneError where it cannot be written, or what is read back differs.
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
    check: `all ${packed.after.state.size} tensors are equal to the bit`,
    ...(edges === "int8" && { readBack: packed.after.net }),
    notices: widened.map(
      (name) => `${name} holds zeros beside -1 and 1: it has 2 bits a weight in place of 1.`,
    ),
  };
};
