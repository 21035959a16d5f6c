import type { ExportFormat } from "./format.js";

/** A .tflite file, with integers for nets of affine quantizers and in float32 for others. */
export const tfliteFormat: ExportFormat = {
  name: "tflite",
  summary: "a .tflite file for LiteRT, in int8 after ptq and in float32 otherwise",
  output: { kind: "file", suffix: ".tflite" },
  readOn: "docs/deploy.md shows how to run it in LiteRT",
  isTestable: false,
  runtime: "litert",
  write: async (net, path) => {
    const { writeTflite } = await import("./write-tflite.js");
    return writeTflite(net, path);
  },
};
