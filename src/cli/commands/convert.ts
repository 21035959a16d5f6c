import { convertOptions } from "../../options/commands/convert-options.js";
import { defineCommand } from "../command.js";

export const convertCommand = defineCommand({
  name: "convert",
  group: "Convert",
  summary:
    "Convert model files: safetensors, PyTorch's .pth, and models of ONNX, TensorFlow and Keras to one of these",
  examples: [
    "convert models_save/wqaq/nin_gc.safetensors nin_gc.pth",
    "convert nin.pth nin.safetensors --sequence tnn_bin",
    "convert small.pth small.safetensors --arch small.json",
    "convert mobilenet.onnx mobilenet.safetensors",
    "convert detector.onnx backbone.safetensors --until Conv_41 --image-size 320",
  ],
  arguments: [
    { key: "in", description: "the file to read; its format is detected" },
    { key: "out", description: "the file to write: .safetensors, .pth or .pt" },
  ],
  schema: convertOptions,
  run: async (call, context) => {
    const { runConvert } = await import("../converting/run-convert.js");
    await runConvert(call, context);
  },
});
