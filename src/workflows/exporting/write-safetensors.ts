import { writeDenseNet } from "../../export/dense-file.js";
import { denseState, type ExportNet } from "../../export/export-net.js";
import { packageVersion } from "../../files/package-version.js";
import { hasQuantizedConvs } from "../../models/bake-weights.js";
import type { Written } from "./format.js";
import { layoutOf } from "./layout-of.js";

/**
 * Writes a net's weights as it computes with them, in float32, and reads the file back.
 * @throws QpruneError where it cannot be written, or what is read back differs.
 */
export const writeSafetensors = async (net: ExportNet, path: string): Promise<Written> => {
  const bytes = await writeDenseNet(net, path, packageVersion());
  const tensors = denseState(net);
  return {
    layout: layoutOf({ tensors, packing: undefined }, bytes),
    check: `all ${tensors.size} tensors are equal to the bit`,
    notices: hasQuantizedConvs(net.spec)
      ? []
      : ["The net is full precision: its weights are what they were."],
  };
};
