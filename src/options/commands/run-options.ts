import { z } from "zod";
import { flag } from "../flag.js";
import { fileName } from "../values/file-name.js";
import { timeLimitOption } from "../values/time-limit-option.js";

/** Argument and options of `qprune run`. */
export const runOptions = z.object({
  recipe: fileName("a recipe"),
  set: flag(z.array(z.string()).optional(), {
    flag: "--set <option=value>",
    effect: "source",
    isRepeatable: true,
    description:
      "override an option in every stage that has it, or in one stage with STAGE.OPTION=VALUE; can be repeated",
    group: "Recipe",
  }),
  time_limit: timeLimitOption("Recipe"),
  folder: flag(fileName("a folder").optional(), {
    flag: "--folder <dir>",
    effect: "source",
    description:
      "where to write the files (default: the folder that the recipe names, or else models_save/<name of the recipe>)",
    group: "Files",
  }),
  dry_run: flag(z.boolean().default(false), {
    flag: "--dry-run",
    effect: "source",
    description: "check the recipe and show what would run, what would be kept, and why",
    group: "Output",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "print the report as one JSON object on stdout; the stages print to stderr",
    group: "Output",
  }),
});
