import { convertOptions } from "../../options/commands/convert-options.js";
import { defineCommand } from "../command.js";

export const convertCommand = defineCommand({
  name: "convert",
  group: "Convert",
  summary: "Convert model files between safetensors and PyTorch's .pth",
  examples: [
    "convert models_save/wqaq/nin_gc.safetensors nin_gc.pth",
    "convert nin.pth nin.safetensors --sequence tnn_bin",
    "convert small.pth small.safetensors --arch small.json",
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
