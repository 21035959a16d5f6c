import { writeDenseNet } from "../../export/dense-file.js";
import { denseState, type ExportNet } from "../../export/export-net.js";
import { packageVersion } from "../../files/package-version.js";
import { hasQuantizedConvs } from "../../models/bake-weights.js";
import type { Written } from "./format.js";
import { layoutOf } from "./layout-of.js";

/**
 * Writes the quantized weights of a net in float32, and verifies the written file.
 * @throws QpruneError if the file cannot be written or verified.
 */
export const writeSafetensors = async (net: ExportNet, path: string): Promise<Written> => {
  const bytes = await writeDenseNet(net, path, packageVersion());
  const tensors = denseState(net);
  return {
    layout: layoutOf({ tensors, packing: undefined }, bytes),
    check: `all ${tensors.size} tensors are bit-identical`,
    notices: hasQuantizedConvs(net.spec)
      ? []
      : ["The net is full precision, so its weights are unchanged."],
  };
};
