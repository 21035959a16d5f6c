import { runOptions } from "../../options/commands/run-options.js";
import { defineCommand } from "../command.js";

export const runCommand = defineCommand({
  name: "run",
  group: "Compress",
  summary: "Run the stages that a recipe lists; the next time, run only those that changed",
  examples: [
    "run quick-digits",
    "run recipe.yml --dry-run",
    "run recipe.yml --set epochs=1 --set train-limit=1000 --folder quick",
    "run recipe.yml --set quantized.Wbits=2 --json",
  ],
  arguments: [
    {
      key: "recipe",
      description: "a YAML file (docs/recipes.md), or the name of a built-in recipe",
    },
  ],
  schema: runOptions,
  run: async (call, context) => {
    const { runRecipeCommand } = await import("../recipes/run-recipe-command.js");
    await runRecipeCommand(call, context);
  },
});
