import { wqaqOptions } from "../../options/commands/wqaq-options.js";
import { defineCommand } from "../command.js";

export const wqaqCommand = defineCommand({
  name: "wqaq",
  summary: "Train with 1- to 8-bit weights and activations (DoReFa)",
  examples: [
    "wqaq --Wbits 4 --Abits 4",
    "wqaq --dataset digits --arch nin --width 0.25 --epochs 2 --lr-drops none --settle-batches 20",
    "wqaq --arch my-net.json --Wbits 2 --Abits 4",
    "wqaq --evaluate --resume models_save/wqaq/nin_gc.safetensors",
  ],
  schema: wqaqOptions,
  run: async (call, context) => {
    const { runTraining } = await import("../../workflows/training/train-model.js");
    const { resolveQuantization } = await import("../../options/resolve-quantization.js");
    await runTraining(
      {
        ...call,
        command: "wqaq",
        schema: wqaqOptions,
        sequence: "dorefa",
        gammaStart: "ones",
        quantization: resolveQuantization(call.options, call.given),
      },
      context,
    );
  },
});
