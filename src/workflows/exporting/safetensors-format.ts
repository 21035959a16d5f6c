import type { ExportFormat } from "./format.js";

/** The weights that a net computes with, in float32 under PyTorch's names. */
export const safetensorsFormat: ExportFormat = {
  name: "safetensors",
  summary: "the quantized weights themselves in float32, under PyTorch's names",
  output: { kind: "file", suffix: ".safetensors" },
  readOn: "Any program that reads safetensors can read it",
  isTestable: true,
  write: async (net, path) => {
    const { writeSafetensors } = await import("./write-safetensors.js");
    return writeSafetensors(net, path);
  },
};
