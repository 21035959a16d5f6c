import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { gridOf } from "../../graph/model.js";
import type { ExportFormat } from "./format.js";

/** Quantized kernels in as few bits as they need. */
export const packedFormat: ExportFormat = {
  name: "packed",
  summary: "the quantized weights in as few bits as they need",
  output: { kind: "file", suffix: ".safetensors" },
  readOn: "docs/packed-format.md describes the layout",
  isTestable: true,
  hasEdges: true,
  checkNet: ({ arch, convs, quantization }, path, float32Bytes) => {
    const hasCodes = gridOf(quantization.weights) && convs.some(({ isQuantized }) => isQuantized);
    if (hasCodes) return;
    throw new QpruneError(
      `${path}: the weights of ${arch} are full precision, so there is nothing to pack; in float32 they take ${float32Bytes} bytes.`,
      {
        kind: "usage",
        hint: `Quantize it first, starting from its weights with ${option("refine")}.`,
        code: "nothing-to-pack",
        details: { path },
      },
    );
  },
  write: async (net, path, options) => {
    const { writePacked } = await import("./write-packed.js");
    return writePacked(net, path, options);
  },
};
