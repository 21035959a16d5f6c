import { optionText } from "../../options/names/option-text.js";
import type { Setting } from "../parsed-recipe.js";
import type { SourceLocation } from "../source-location.js";
import type { StageInput } from "./stage.js";
import type { InputOption } from "./stage-kind.js";

/** A file or stage that an option names. */
interface NamedInput {
  readonly text: string;
  readonly location: SourceLocation;
}

/** The files or stages that an option names: one, or the items of a list, which flags separate by commas. */
const namedBy = ({ isList }: InputOption, setting: Setting): NamedInput[] => {
  const { value, valueLocation, itemLocations } = setting;
  if (value === undefined) return [];
  if (!isList) return [{ text: String(optionText(value)), location: valueLocation }];
  const items = Array.isArray(value) ? value.map(String) : String(value).split(",");
  return items.map((item, index) => ({
    text: item.trim(),
    location: itemLocations?.[index] ?? valueLocation,
  }));
};

/** Paths contain a dot or a slash; stage names contain neither. */
const inputOf = (key: string, { text, location }: NamedInput): StageInput => {
  const isPath = /[./\\]/.test(text);
  return {
    key,
    location,
    from: isPath ? { kind: "file", path: text } : { kind: "stage", stage: text },
  };
};

/** The inputs of a stage, in the order of its options. */
export const stageInputs = (
  options: readonly InputOption[],
  settings: ReadonlyMap<string, Setting>,
): StageInput[] =>
  options.flatMap((option) => {
    const setting = settings.get(option.key);
    return setting ? namedBy(option, setting).map((named) => inputOf(option.key, named)) : [];
  });

/** An input as the recipe names it: a stage name or a path. */
export const inputText = ({ from }: StageInput): string =>
  from.kind === "stage" ? from.stage : from.path;
