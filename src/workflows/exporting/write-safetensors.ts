import { writeDenseNet } from "../../export/dense-file.js";
import { denseState, type ExportNet } from "../../export/export-net.js";
import { packageVersion } from "../../files/package-version.js";
import type { Graph } from "../../graph/graph.js";
import { isFloat } from "../../graph/quantizers.js";
import type { Written } from "./format.js";
import { layoutOf } from "./layout-of.js";

/** Whether a net quantizes neither weights nor activations. */
const isFullPrecision = ({ nodes }: Graph): boolean =>
  nodes.every((node) => !("quantizer" in node) || isFloat(node.quantizer));

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
    notices: isFullPrecision(net.model.graph)
      ? ["The net is full precision, so its weights are unchanged."]
      : [],
  };
};
