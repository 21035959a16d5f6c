import type { ExportFormat } from "./format.js";

/** An ONNX model with QONNX's quantizers. */
export const qonnxFormat: ExportFormat = {
  name: "qonnx",
  summary: "an ONNX model with QONNX's quantizers, for FINN and hls4ml",
  output: { kind: "file", suffix: ".onnx" },
  readOn: "docs/onnx.md describes its operators",
  isTestable: false,
  runtime: "qonnx",
  write: async (net, path) => {
    const { writeQonnx } = await import("./write-onnx.js");
    return writeQonnx(net, path);
  },
};
