import { expectation } from "../config/expectation.js";
import { QpruneError } from "../core/errors.js";
import type { CollectedOptions } from "./collect-options.js";
import { type OptionText, optionText } from "./option-text.js";
import type { Setting, WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { StageKind } from "./stage-kind.js";

/** Where a wrong value stands, and how it was written: of a list perhaps one item. */
const wrongValue = (setting: Setting, item: PropertyKey | undefined) => {
  const { name, value, valueWhere, itemWheres } = setting;
  const text = [name, String(optionText(value))].filter(Boolean).join(" ");
  const where = (typeof item === "number" && itemWheres?.[item]) || valueWhere;
  return { where, said: `${text}: ` };
};

/** Options as the command's schema reads them, or what is wrong with them. */
export const parseOptions = (
  { where }: WrittenStage,
  kind: StageKind,
  { command, settings }: CollectedOptions,
  raw: Readonly<Record<string, OptionText | readonly string[]>>,
): { options?: Readonly<Record<string, unknown>>; problems: RecipeProblem[] } => {
  const missing = kind.inputs.filter(({ key }) => !settings.has(key)).map(({ key }) => key);
  const parsed = command.schema.safeParse(raw);
  const issues = (parsed.error?.issues ?? []).filter(
    ({ path }) => !missing.includes(String(path[0])),
  );
  if (issues.length > 0) {
    const problems = issues.map((issue) => {
      const setting = settings.get(String(issue.path[0]));
      const wrong = setting ? wrongValue(setting, issue.path[1]) : { where, said: "" };
      return { where: wrong.where, message: `${wrong.said}${expectation(issue)}.` };
    });
    return { problems };
  }
  const options = parsed.data ?? {};
  try {
    command.check?.(options, new Set(settings.keys()));
    return { options, problems: [] };
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    return { problems: [{ where, message: error.message, hint: error.hint }] };
  }
};
