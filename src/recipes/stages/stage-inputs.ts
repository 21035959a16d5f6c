import { optionText } from "../../options/option-text.js";
import type { Setting } from "../recipe.js";
import type { Where } from "../where.js";
import type { StageInput } from "./stage.js";
import type { InputOption } from "./stage-kind.js";

/** A file or stage that an option names, and where. */
interface NamedInput {
  readonly text: string;
  readonly where: Where;
}

/** What an option names: one text, or the items of a list, which flags have with commas between. */
const namedBy = ({ isList }: InputOption, setting: Setting): NamedInput[] => {
  const { value, valueWhere, itemWheres } = setting;
  if (value === undefined) return [];
  if (!isList) return [{ text: String(optionText(value)), where: valueWhere }];
  const items = Array.isArray(value) ? value.map(String) : String(value).split(",");
  return items.map((item, at) => ({ text: item.trim(), where: itemWheres?.[at] ?? valueWhere }));
};

/** A stage's name has neither dot nor slash, and a file's path has one. */
const inputOf = (key: string, { text, where }: NamedInput): StageInput => {
  const isPath = /[./\\]/.test(text);
  return {
    key,
    where,
    from: isPath ? { kind: "file", path: text } : { kind: "stage", stage: text },
  };
};

/** The files that a stage reads, in the order in which its options name them. */
export const stageInputs = (
  options: readonly InputOption[],
  settings: ReadonlyMap<string, Setting>,
): StageInput[] =>
  options.flatMap((option) => {
    const setting = settings.get(option.key);
    return setting ? namedBy(option, setting).map((named) => inputOf(option.key, named)) : [];
  });

/** An input as the recipe names it: a stage or a path. */
export const inputText = ({ from }: StageInput): string =>
  from.kind === "stage" ? from.stage : from.path;
