import { serveOptions } from "../../options/commands/serve-options.js";
import { defineCommand } from "../command.js";

export const serveCommand = defineCommand({
  name: "serve",
  group: "Inspect",
  summary: "Show an exported page: serve the files of a folder to browsers",
  examples: ["serve web", "serve web --port 0"],
  arguments: [{ key: "folder", description: "the folder of an export with --format web" }],
  schema: serveOptions,
  run: async ({ options }, context) => {
    const { runServe } = await import("../serving/run-serve.js");
    await runServe(options, context);
  },
});
