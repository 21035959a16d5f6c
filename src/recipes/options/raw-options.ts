import { type OptionText, optionText } from "../../options/option-text.js";
import type { Setting } from "../recipe.js";
import type { StageInput } from "../stages/stage.js";
import { inputText } from "../stages/stage-inputs.js";
import type { StageKind } from "../stages/stage-kind.js";

/** Stands for what no option can be, so that the schema says what it expects. */
export const NO_VALUE = {};
export type RawOption = OptionText | readonly string[] | typeof NO_VALUE;

/** The options that a stage says, as the command line would have them. */
export const optionTexts = (settings: ReadonlyMap<string, Setting>): Record<string, OptionText> =>
  Object.fromEntries(
    [...settings].flatMap(([key, { value }]) =>
      value === undefined ? [] : [[key, optionText(value)]],
    ),
  );

/** The lists of files as a command's schema takes them. */
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

/** The options of a stage as its command's schema reads them. */
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
