import { expectation } from "../config/expectation.js";
import { QpruneError } from "../core/errors.js";
import type { CollectedOptions } from "./collect-options.js";
import { plainOptions } from "./plain-options.js";
import type { RawOption } from "./raw-options.js";
import type { WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { StageKind } from "./stage-kind.js";
import { valueProblem } from "./value-problem.js";

/** What a command's schema makes of a stage's options. */
export interface ParsedOptions {
  /** Undefined where any of them is wrong. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly problems: readonly RecipeProblem[];
  /** The keys of those that are wrong as a whole, not in one item of a list. */
  readonly wrongKeys: ReadonlySet<string>;
}

/** Options as the command's schema reads them, or what is wrong with them. */
export const parseOptions = (
  { where }: WrittenStage,
  kind: StageKind,
  { command, settings }: CollectedOptions,
  raw: Readonly<Record<string, RawOption>>,
): ParsedOptions => {
  const told = [...settings].filter(([, { value, found }]) => (value ?? found) === undefined);
  // Inputs that are not given are told elsewhere.
  const missing = kind.inputs.filter(({ key }) => !settings.has(key)).map(({ key }) => key);
  const notHere = new Set([...missing, ...told.map(([key]) => key)]);
  const parsed = command.schema.safeParse(raw);
  const issues = (parsed.error?.issues ?? []).filter(({ path }) => !notHere.has(String(path[0])));
  const wrongKeys = new Set(told.map(([key]) => key));
  for (const { path } of issues) if (path.length < 2) wrongKeys.add(String(path[0]));
  if (issues.length > 0 || told.length > 0) {
    const problems = issues.map((issue): RecipeProblem => {
      const setting = settings.get(String(issue.path[0]));
      if (!setting) return { where, message: `${plainOptions(expectation(issue))}.` };
      return valueProblem(issue, setting, { schema: command.schema, kind });
    });
    return { problems, wrongKeys };
  }
  const options = parsed.data ?? {};
  try {
    command.check?.(options, new Set(settings.keys()));
    return { options, problems: [], wrongKeys };
  } catch (error) {
    if (!(error instanceof QpruneError)) throw error;
    const { message, hint } = error;
    const problem = { message: plainOptions(message), hint: hint && plainOptions(hint) };
    return { problems: [{ where, ...problem }], wrongKeys };
  }
};
