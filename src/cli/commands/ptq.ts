import { ptqOptions } from "../../options/commands/ptq-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const ptqCommand = defineCommand({
  name: "ptq",
  group: "Compress",
  summary: "Quantize a trained net to 2 to 8 bits without training, with a few hundred images",
  examples: [
    "ptq models_save/prune/nin_preprune.safetensors --data data",
    "ptq mobilenet_v2-b0353104.pth --data photos --wbits 4 --keep-float-worst 2",
  ],
  arguments: [netFileArgument],
  schema: ptqOptions,
  run: async (call, context) => {
    const { runPtq } = await import("../quantizing/run-ptq.js");
    await runPtq(call, context);
  },
});
