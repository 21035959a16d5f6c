import { netFileArgument } from "../../options/commands/net-file-options.js";
import { summaryOptions } from "../../options/commands/summary-options.js";
import { defineCommand } from "../command.js";

export const summaryCommand = defineCommand({
  name: "summary",
  summary: "Show a net's layers: bits, parameters, operations, bytes, codes, dead channels",
  examples: [
    "summary models_save/wbwtab/nin_gc.safetensors",
    "summary nin_packed.safetensors --json",
  ],
  arguments: [netFileArgument],
  schema: summaryOptions,
  run: async ({ options }, context) => {
    const { runSummary } = await import("../../workflows/summarizing/summarize-model.js");
    await runSummary(options, context);
  },
});
