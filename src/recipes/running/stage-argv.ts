import { join } from "node:path";
import type { z } from "zod";
import { flagOf } from "../../options/flag.js";
import { longNameOf } from "../../options/option-names.js";
import type { OptionText } from "../options/option-text.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { stageSchema } from "../stages/stage-kinds.js";
import { inputPath } from "./stage-parts.js";

/** A flag with its value; a text that could be taken for a flag stands behind an equals sign. */
const flagWords = (option: z.ZodType, value: OptionText): string[] => {
  const look = flagOf(option);
  if (!look) return [];
  const name = longNameOf(look.flag);
  if (value === true) return [name];
  if (value === false) return look.negatable ? [name.replace(/^--/, "--no-")] : [];
  const mayStandAlone = look.flag.includes("[");
  return mayStandAlone || value.startsWith("-") ? [`${name}=${value}`] : [name, value];
};

/**
 * The command line that a stage is, without the leading `qprune`: it can be typed as well. A new training starts from
 * scratch whatever is there; one that resumes does so where there is a state.
 */
export const stageArgv = (
  stage: Stage,
  recipe: Recipe,
  { resumes = false, replaces = false } = {},
): string[] => {
  const schema = stageSchema(stage);
  const files = [
    ...stage.inputs.map((input) => [input.key, inputPath(input, recipe)] as const),
    ...stage.outputs.map(({ key, file }) => [key, join(recipe.folder, file)] as const),
  ];
  const values = [...Object.entries(stage.given), ...files];
  const positional: string[] = [];
  const words = values.flatMap(([key, value]) => {
    const option = schema.shape[key] as z.ZodType;
    if (!flagOf(option)) positional.push(String(value));
    return flagWords(option, value);
  });
  const going = [...(resumes ? ["--resume", "auto"] : []), ...(replaces ? ["--force"] : [])];
  return [stage.command, ...positional, ...words, ...going];
};
