import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { gridOf } from "../../graph/model.js";
import { weightedNodes } from "../../graph/stored-form.js";
import { graphOf } from "../../models/net-spec.js";
import type { ExportFormat } from "./format.js";

/** Quantized kernels in as few bits as they need. */
export const packedFormat: ExportFormat = {
  name: "packed",
  summary: "the quantized weights in as few bits as they need",
  output: { kind: "file", suffix: ".safetensors" },
  readOn: "docs/packed-format.md describes the layout",
  isTestable: true,
  hasFirstLastFormat: true,
  checkNet: (spec, path, float32Bytes) => {
    const layers = weightedNodes(graphOf(spec));
    if (layers.some(({ quantizer }) => gridOf(quantizer))) return;
    throw new QpruneError(
      `${path}: the weights of ${spec.arch} are full precision, so there is nothing to pack; in float32 they take ${float32Bytes} bytes.`,
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
