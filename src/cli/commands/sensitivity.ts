import { sensitivityOptions } from "../../options/commands/sensitivity-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const sensitivityCommand = defineCommand({
  name: "sensitivity",
  group: "Inspect",
  summary: "Measure how accuracy reacts if single layers are pruned or rounded to few bits",
  examples: [
    "sensitivity models_save/prune/nin_preprune.safetensors --save sensitivity.json",
    "sensitivity resnet20.safetensors --shares 0.25,0.5,0.75 --round-bits none --importance l1",
  ],
  arguments: [netFileArgument],
  schema: sensitivityOptions,
  run: async (call, context) => {
    const { runSensitivity } = await import("../sensitivity/run-sensitivity.js");
    await runSensitivity(call, context);
  },
});
