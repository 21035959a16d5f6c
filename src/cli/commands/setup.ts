import { z } from "zod";
import { flag } from "../../options/flag.js";
import { fileName } from "../../options/values/file-name.js";
import { defineCommand } from "../command.js";

const setupOptions = z.object({
  wheel: flag(fileName("a file").optional(), {
    flag: "--wheel <file>",
    effect: "source",
    description: "use TensorFlow from this wheel instead of downloading it",
  }),
  remove: flag(z.boolean().default(false), {
    flag: "--remove",
    effect: "only this call",
    description: "delete the native engine from the cache",
  }),
});

export const setupCommand = defineCommand({
  name: "setup",
  group: "Set up",
  summary: "Set up the native TensorFlow engine in the cache (other commands do this on first use)",
  examples: ["setup", "setup --wheel ~/Downloads/tensorflow_cpu-2.18.1-….whl", "setup --remove"],
  schema: setupOptions,
  run: async ({ options }, context) => {
    const { runSetup } = await import("../engine/run-setup.js");
    await runSetup(options, context);
  },
});
