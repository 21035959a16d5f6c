import { z } from "zod";
import { flag } from "../flag.js";
import { netFileOptions } from "../groups/net-file-options.js";
import { testOptions } from "../groups/test-options.js";
import { fileName } from "../values/file-name.js";

/** The formats of `qprune export`. */
export const exportFormatNames = [
  "packed",
  "safetensors",
  "tfjs",
  "onnx",
  "qonnx",
  "tflite",
  "web",
] as const;
export type ExportFormatName = (typeof exportFormatNames)[number];

/** Versions of ONNX's operators: the first with scales per filter, with types of 4 bits, and with types of 2 bits. */
export const onnxOpsets = ["18", "21", "25"] as const;

/** Options of `qprune export`. */
export const exportOptions = z.object({
  ...netFileOptions,
  format: flag(z.enum(exportFormatNames).default("packed"), {
    flag: "--format <format>",
    effect: "result",
    description:
      "packed: quantized weights in as few bits as they need; safetensors: the same weights in float32; tfjs: a folder that TensorFlow.js loads; onnx: integer weights with scales for onnxruntime and others; qonnx: the same with the quantizers of FINN and hls4ml; tflite: a file for LiteRT, in int8 after ptq and in float32 otherwise; web: a page that classifies pictures",
    group: "Export",
  }),
  edges: flag(z.enum(["float32", "int8"]).default("float32"), {
    flag: "--edges <type>",
    effect: "result",
    description:
      "with --format packed or web: type of the kernels that are not quantized (first and last layers); int8 rounds them to 8 bits",
    group: "Export",
  }),
  opset: flag(z.enum(onnxOpsets).default("18"), {
    flag: "--opset <version>",
    effect: "result",
    description:
      "with --format onnx: version of the operators; from 21 on, quantized weights of up to 4 bits take 4 bits, and with 25 those of up to 2 bits take 2",
    group: "Export",
  }),
  check: flag(fileName("a Python interpreter").optional(), {
    flag: "--check <python>",
    effect: "only this call",
    description:
      "Python interpreter that runs the export on random images and compares the outputs: onnx in onnxruntime, qonnx in qonnx, tflite in ai-edge-litert",
    group: "Export",
  }),
  save: flag(fileName("a file").optional(), {
    flag: "--save <path>",
    effect: "source",
    description:
      "where to write the export (default: models_save/export/<name of the file>_<format>)",
    group: "Files",
  }),
  force: flag(z.boolean().default(false), {
    flag: "--force",
    effect: "only this call",
    description: "allow --save to replace an earlier export",
    group: "Files",
  }),
  ...testOptions,
});
