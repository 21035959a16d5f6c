import type { ExportFormatName } from "../../options/commands/export-options.js";
import type { ExportFormat } from "./format.js";
import { onnxFormat } from "./onnx-format.js";
import { packedFormat } from "./packed-format.js";
import { qonnxFormat } from "./qonnx-format.js";
import { safetensorsFormat } from "./safetensors-format.js";
import { tfjsFormat } from "./tfjs-format.js";
import { tfliteFormat } from "./tflite-format.js";
import { webFormat } from "./web-format.js";

/** All export formats, by the values of the option `format`. */
export const formats: Readonly<Record<ExportFormatName, ExportFormat>> = {
  onnx: onnxFormat,
  packed: packedFormat,
  qonnx: qonnxFormat,
  safetensors: safetensorsFormat,
  tfjs: tfjsFormat,
  tflite: tfliteFormat,
  web: webFormat,
};
