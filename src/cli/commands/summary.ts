import { summaryOptions } from "../../options/commands/summary-options.js";
import { netFileArgument } from "../../options/groups/net-file-options.js";
import { defineCommand } from "../command.js";

export const summaryCommand = defineCommand({
  name: "summary",
  group: "Inspect",
  summary: "Show a net's layers: bits, parameters, operations, bytes, integer codes, dead channels",
  examples: [
    "summary models_save/wbwtab/nin_gc.safetensors",
    "summary nin_packed.safetensors --json",
  ],
  arguments: [netFileArgument],
  schema: summaryOptions,
  run: async (call, context) => {
    const { runSummary } = await import("../summary/run-summary.js");
    await runSummary(call, context);
  },
});
