import { QpruneError } from "../../base/errors.js";
import { expectation } from "../../options/expectation.js";
import type { WrittenStage } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import type { Where } from "../where.js";
import { checkPaths } from "./check-paths.js";
import type { CollectedOptions } from "./collect-options.js";
import { plainOptions, plainProblem } from "./plain-options.js";
import type { RawOption } from "./raw-options.js";
import { valueProblem } from "./value-problem.js";

/** What a command's schema makes of a stage's options. */
export interface ParsedOptions {
  /** Undefined where any of them is wrong. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly problems: readonly RecipeProblem[];
  /** The keys of those that are wrong as a whole, not in one item of a list. */
  readonly wrongKeys: ReadonlySet<string>;
}

type Said = CollectedOptions["settings"];

/** What is wrong before a schema reads it, by key: paths that cannot be, and what was told already. */
const wrongBefore = (kind: StageKind, settings: Said): Map<string, readonly RecipeProblem[]> => {
  const told = [...settings].filter(([, { value, found }]) => (value ?? found) === undefined);
  return new Map([...told.map(([key]) => [key, []] as const), ...checkPaths(kind, settings)]);
};

/** What is wrong with options that are right alone. */
const togetherProblems = (
  { check }: StageCommand,
  options: Readonly<Record<string, unknown>>,
  { where, settings }: { readonly where: Where; readonly settings: Said },
): RecipeProblem[] => {
  try {
    check?.(options, new Set(settings.keys()));
    return [];
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    return [{ where, ...plainProblem(error) }];
  }
};

/** Options as the command's schema reads them, or what is wrong with them. */
export const parseOptions = (
  { where }: WrittenStage,
  kind: StageKind,
  { command, settings }: CollectedOptions,
  raw: Readonly<Record<string, RawOption>>,
): ParsedOptions => {
  const before = wrongBefore(kind, settings);
  // Inputs that are not given are told elsewhere.
  const missing = kind.inputs.filter(({ key }) => !settings.has(key)).map(({ key }) => key);
  const notHere = new Set([...missing, ...before.keys()]);
  const parsed = command.schema.safeParse(raw);
  const issues = (parsed.error?.issues ?? []).filter(({ path }) => !notHere.has(String(path[0])));
  const wrongKeys = new Set(before.keys());
  for (const { path } of issues) if (path.length < 2) wrongKeys.add(String(path[0]));
  if (issues.length > 0 || before.size > 0) {
    const found = issues.map((issue): RecipeProblem => {
      const setting = settings.get(String(issue.path[0]));
      if (!setting) return { where, message: `${plainOptions(expectation(issue))}.` };
      return valueProblem(issue, setting, { schema: command.schema, kind });
    });
    return { problems: [...[...before.values()].flat(), ...found], wrongKeys };
  }
  const options = parsed.data ?? {};
  const problems = togetherProblems(command, options, { where, settings });
  return problems.length > 0 ? { problems, wrongKeys } : { options, problems, wrongKeys };
};
