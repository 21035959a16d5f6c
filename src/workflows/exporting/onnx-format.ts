import type { ExportFormat } from "./format.js";

/** An ONNX model with integer weights. */
export const onnxFormat: ExportFormat = {
  name: "onnx",
  summary: "an ONNX model with integer weights and scales",
  output: { kind: "file", suffix: ".onnx" },
  readOn: "docs/onnx.md shows how to run it in onnxruntime",
  isTestable: false,
  hasOpset: true,
  runtime: "onnxruntime",
  write: async (net, path, options) => {
    const { writeOnnx } = await import("./write-onnx.js");
    return writeOnnx(net, path, options);
  },
};
