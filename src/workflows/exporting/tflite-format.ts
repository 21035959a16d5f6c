import type { ExportFormat } from "./format.js";

/** A .tflite file in float32. */
export const tfliteFormat: ExportFormat = {
  name: "tflite",
  summary: "a .tflite file in float32 for LiteRT",
  output: { kind: "file", suffix: ".tflite" },
  readOn: "docs/deploy.md shows how to run it in LiteRT",
  isTestable: false,
  runtime: "litert",
  write: async (net, path) => {
    const { writeTflite } = await import("./write-tflite.js");
    return writeTflite(net, path);
  },
};
