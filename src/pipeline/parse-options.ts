import { expectation } from "../config/expectation.js";
import { QpruneError } from "../core/errors.js";
import type { CollectedOptions } from "./collect-options.js";
import { optionText } from "./option-text.js";
import type { Setting, WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { InputOption, StageKind } from "./stage-kind.js";

/** The names of files that an option gives. */
export const fileNames = ({ isList }: InputOption, { value }: Setting): string[] =>
  isList && Array.isArray(value) ? value.map(String) : [String(optionText(value))];

/** Options as the command line has them; files that are several are a list. */
const rawOptions = (kind: StageKind, settings: ReadonlyMap<string, Setting>) => {
  const lists = new Map(
    kind.inputs.filter(({ isList }) => isList).map((input) => [input.key, input]),
  );
  const raw = [...settings].map(([key, setting]) => {
    const list = lists.get(key);
    return [key, list ? fileNames(list, setting) : optionText(setting.value)] as const;
  });
  return { ...Object.fromEntries(raw), ...kind.fixed };
};

/** Options as the command's schema reads them, or what is wrong with them. */
export const parseOptions = (
  { where }: WrittenStage,
  kind: StageKind,
  { command, settings }: CollectedOptions,
): { options?: Readonly<Record<string, unknown>>; problems: RecipeProblem[] } => {
  const missing = kind.inputs.filter(({ key }) => !settings.has(key)).map(({ key }) => key);
  const parsed = command.schema.safeParse(rawOptions(kind, settings));
  const issues = (parsed.error?.issues ?? []).filter(
    ({ path }) => !missing.includes(String(path[0])),
  );
  if (issues.length > 0) {
    const problems = issues.map((issue) => {
      const setting = settings.get(String(issue.path[0]));
      const said = setting ? `${setting.name} ${String(optionText(setting.value))}: ` : "";
      return { where: setting?.valueWhere ?? where, message: `${said}${expectation(issue)}.` };
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
