import { z } from "zod";
import { fileName } from "../file-name.js";
import { flag } from "../flag.js";

/** Argument and options of `qprune run`. */
export const runOptions = z.object({
  recipe: fileName("a recipe"),
  set: flag(z.array(z.string()).optional(), {
    flag: "--set <option=value>",
    effect: "source",
    isRepeatable: true,
    description:
      "an option in place of what the recipe says, for every stage that has it; STAGE.OPTION=VALUE for one; may be given again",
    group: "Recipe",
  }),
  folder: flag(fileName("a folder").optional(), {
    flag: "--folder <dir>",
    effect: "source",
    description: "where the files go (default: as the recipe says, else models_save/<its name>)",
    group: "Files",
  }),
  dry_run: flag(z.boolean().default(false), {
    flag: "--dry-run",
    effect: "source",
    description: "check the recipe and show what would run, what would stay, and why",
    group: "Output",
  }),
  json: flag(z.boolean().default(false), {
    flag: "--json",
    effect: "only this call",
    description: "the report as one JSON object on stdout; what the stages say goes to stderr",
    group: "Output",
  }),
});
