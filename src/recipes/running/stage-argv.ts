import { join } from "node:path";
import type { z } from "zod";
import { flagOf } from "../../options/flag.js";
import { longNameOf } from "../../options/option-names.js";
import type { OptionText } from "../options/option-text.js";
import type { Recipe, Stage } from "../stages/stage.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";
import { inputPath } from "./stage-parts.js";

const schemaOf = ({ kind, command }: Stage): z.ZodObject => {
  const commands: readonly { name: string; schema: z.ZodObject }[] = STAGE_KINDS[kind].commands;
  const found = commands.find(({ name }) => name === command);
  if (!found) throw new Error(`${kind} has no command ${command}`);
  return found.schema;
};

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
 * The call of the command line that a stage is, without the leading `qprune`: it can be typed as well. A
 * fresh training begins anew whatever lies there; one that goes on does so where there is a state.
 */
export const stageArgv = (
  stage: Stage,
  recipe: Recipe,
  { resumes = false, replaces = false } = {},
): string[] => {
  const schema = schemaOf(stage);
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
