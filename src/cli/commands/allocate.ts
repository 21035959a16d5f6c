import { allocateOptions } from "../../options/commands/allocate-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const allocateCommand = defineCommand({
  name: "allocate",
  group: "Compress",
  summary: "Distribute bits over the layers of a net by what rounding each of them costs",
  examples: [
    "allocate models_save/prune/nin_preprune.safetensors --target-bytes 150000",
    "allocate resnet20.safetensors --target-accuracy-drop 0.5 --html bits.html",
  ],
  arguments: [netFileArgument],
  schema: allocateOptions,
  run: async (call, context) => {
    const { runAllocate } = await import("../allocating/run-allocate.js");
    await runAllocate(call, context);
  },
});
