import { exportOptions } from "../../options/commands/export-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const exportCommand = defineCommand({
  name: "export",
  group: "Convert",
  summary:
    "Write a net for deployment: bit-packed, in float32, for TensorFlow.js, as ONNX, or as a web page",
  examples: [
    "export models_save/wbwtab/nin_gc.safetensors --format packed",
    "export models_save/wqaq/nin.safetensors --format packed --edges int8 --save nin.safetensors",
    "export models_save/wqaq/nin.safetensors --format safetensors --save quantized.safetensors",
    "export models_save/wqaq/nin.safetensors --format tfjs --save model",
    "export models_save/wqaq/nin.safetensors --format onnx --save nin.onnx",
    "export models_save/wqaq/nin.safetensors --format web --save web",
  ],
  arguments: [netFileArgument],
  schema: exportOptions,
  run: async (call, context) => {
    const { runExport } = await import("../exporting/run-export.js");
    await runExport(call, context);
  },
});
