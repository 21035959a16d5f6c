import { QpruneError } from "../../base/errors.js";
import { expectation } from "../../options/values/expectation.js";
import type { ParsedStage } from "../parsed-recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { SourceLocation } from "../source-location.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { checkPaths } from "./check-paths.js";
import type { CollectedOptions } from "./collect-options.js";
import { plainOptions, plainProblem } from "./plain-problem.js";
import type { RawOption } from "./raw-options.js";
import { valueProblem } from "./value-problem.js";

/** A stage's options as its command's schema parsed them. */
export interface ParsedOptions {
  /** Undefined if any of them is invalid. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly problems: readonly RecipeProblem[];
  /** Keys of options that are invalid as a whole, not only in one item of a list. */
  readonly wrongKeys: ReadonlySet<string>;
}

type Settings = CollectedOptions["settings"];

/** Problems found before the schema parses the options, by key: invalid paths, and values that were already reported. */
const earlierProblems = (
  kind: StageKind,
  settings: Settings,
): Map<string, readonly RecipeProblem[]> => {
  const reported = [...settings].filter(([, { value, found }]) => (value ?? found) === undefined);
  return new Map([...reported.map(([key]) => [key, []] as const), ...checkPaths(kind, settings)]);
};

/** Problems with options that are each valid but contradict each other. */
const combinationProblems = (
  { check }: StageCommand,
  options: Readonly<Record<string, unknown>>,
  { location, settings }: { readonly location: SourceLocation; readonly settings: Settings },
): RecipeProblem[] => {
  try {
    check?.(options, new Set(settings.keys()));
    return [];
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    return [{ location, ...plainProblem(error) }];
  }
};

/** Parses options with the command's schema, or collects what is wrong with them. */
export const parseOptions = (
  { location }: ParsedStage,
  kind: StageKind,
  { command, settings }: CollectedOptions,
  raw: Readonly<Record<string, RawOption>>,
): ParsedOptions => {
  const earlier = earlierProblems(kind, settings);
  // Missing inputs are reported elsewhere.
  const missing = kind.inputs.filter(({ key }) => !settings.has(key)).map(({ key }) => key);
  const skippedKeys = new Set([...missing, ...earlier.keys()]);
  const parsed = command.schema.safeParse(raw);
  const issues = (parsed.error?.issues ?? []).filter(
    ({ path }) => !skippedKeys.has(String(path[0])),
  );
  const wrongKeys = new Set(earlier.keys());
  for (const { path } of issues) if (path.length < 2) wrongKeys.add(String(path[0]));
  if (issues.length > 0 || earlier.size > 0) {
    const found = issues.map((issue): RecipeProblem => {
      const setting = settings.get(String(issue.path[0]));
      if (!setting) return { location, message: `${plainOptions(expectation(issue))}.` };
      return valueProblem(issue, setting, { schema: command.schema, kind });
    });
    return { problems: [...[...earlier.values()].flat(), ...found], wrongKeys };
  }
  const options = parsed.data ?? {};
  const problems = combinationProblems(command, options, { location, settings });
  return problems.length > 0 ? { problems, wrongKeys } : { options, problems, wrongKeys };
};
