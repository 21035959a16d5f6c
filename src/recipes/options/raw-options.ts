import { type OptionText, optionText } from "../../options/names/option-text.js";
import type { Setting } from "../parsed-recipe.js";
import type { StageInput } from "../stages/stage.js";
import { inputText } from "../stages/stage-inputs.js";
import type { StageKind } from "../stages/stage-kind.js";

/** A value that no option accepts, so that the schema reports what it expects. */
export const NO_VALUE = {};
export type RawOption = OptionText | readonly string[] | typeof NO_VALUE;

/** The given options of a stage as texts, as on the command line. */
export const optionTexts = (settings: ReadonlyMap<string, Setting>): Record<string, OptionText> =>
  Object.fromEntries(
    [...settings].flatMap(([key, { value }]) =>
      value === undefined ? [] : [[key, optionText(value)]],
    ),
  );

/** The options that are lists of files, as arrays. */
const fileLists = (
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
  inputs: readonly StageInput[],
): Record<string, string[]> => {
  const isGiven = (key: string): boolean => settings.get(key)?.value !== undefined;
  const lists = kind.inputs.filter(({ key, isList }) => isList && isGiven(key));
  return Object.fromEntries(
    lists.map(({ key }) => [key, inputs.filter((input) => input.key === key).map(inputText)]),
  );
};

/** The options of a stage as input for its command's schema. */
export const rawOptions = (
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
  inputs: readonly StageInput[],
): Record<string, RawOption> => {
  const noValues = [...settings].filter(([, { value }]) => value === undefined);
  return {
    ...Object.fromEntries(noValues.map(([key]) => [key, NO_VALUE])),
    ...optionTexts(settings),
    ...kind.fixed,
    ...fileLists(kind, settings, inputs),
  };
};
