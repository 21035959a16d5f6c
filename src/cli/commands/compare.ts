import { compareOptions } from "../../options/commands/compare-options.js";
import { defineCommand } from "../command.js";

export const compareCommand = defineCommand({
  name: "compare",
  group: "Inspect",
  summary: "Compare nets: accuracy, agreement, size, operations, memory, speed",
  examples: [
    "compare models_save/prune/nin.safetensors models_save/wqaq/nin.safetensors",
    "compare a.safetensors b.pth c_packed.safetensors --test-limit 1000 --html comparison.html",
  ],
  arguments: [
    {
      key: "files",
      description: "two or more files, of any format; the first is the baseline",
      isVariadic: true,
    },
  ],
  schema: compareOptions,
  run: async (call, context) => {
    const { runCompare } = await import("../comparing/run-compare.js");
    await runCompare(call, context);
  },
});
