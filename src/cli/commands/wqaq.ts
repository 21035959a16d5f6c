import { wqaqOptions } from "../../options/commands/wqaq-options.js";
import { defineCommand } from "../command.js";

export const wqaqCommand = defineCommand({
  name: "wqaq",
  alias: "quantize",
  group: "Train",
  summary: "Train with 1- to 8-bit weights and activations (DoReFa)",
  examples: [
    "wqaq --Wbits 4 --Abits 4",
    "wqaq --dataset digits --arch nin --width 0.25 --epochs 2 --lr-drops none --settle-batches 20",
    "wqaq --arch my-net.json --Wbits 2 --Abits 4",
    "wqaq --evaluate --resume models_save/wqaq/nin_gc.safetensors",
  ],
  schema: wqaqOptions,
  run: async (call, context) => {
    const { runTraining } = await import("../training/run-training.js");
    const { doReFaTraining } = await import("../../workflows/training/training-call.js");
    await runTraining(doReFaTraining(call), context);
  },
});
