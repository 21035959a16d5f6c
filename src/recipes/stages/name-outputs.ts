import { option } from "../../base/option-reference.js";
import { STATE_SUFFIX } from "../../checkpoint/state-path.js";
import type { ParsedOptions } from "../options/parse-options.js";
import type { Setting, WrittenStage } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageOutput } from "./stage.js";
import type { OutputOption, StageKind } from "./stage-kind.js";

/** A recipe writes into its own folder only, whoever it is from. */
const PLAIN_NAME = /^[A-Za-z0-9_][^/\\\0]*$/;

/** File systems take 255; a training's state, its lock and what is kept of them have longer names. */
const MAX_NAME_BYTES = 200;

const nameProblem = (
  { key, endings: endingsOf }: OutputOption,
  setting: Setting,
  options: Readonly<Record<string, unknown>>,
): Pick<RecipeProblem, "message" | "hint"> | undefined => {
  const name = String(setting.value);
  if (!PLAIN_NAME.test(name)) {
    return {
      message: `${key} ${name}: expected the name of a file, without a folder.`,
      hint: `What stages write goes into the recipe's folder (folder: at the top, or ${option("folder")}).`,
    };
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) {
    return {
      message: `${key} ${name}: the name is too long (${bytes} bytes of at most ${MAX_NAME_BYTES}).`,
      hint: "Choose a shorter one.",
    };
  }
  const endings = endingsOf?.(options) ?? [];
  if (endings.length > 0 && !endings.some((ending) => name.endsWith(ending))) {
    return { message: `${key} ${name}: the name must end in ${endings.join(", ")}.` };
  }
  if (name.endsWith(STATE_SUFFIX)) {
    return {
      message: `${key} ${name}: that is the name of a training state.`,
      hint: "Give the file another name.",
    };
  }
  return undefined;
};

/** The files that a stage writes: as it names them, else by its own name. Wrong names are left out. */
export const nameOutputs = (
  stage: WrittenStage,
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
  { options = {}, wrongKeys }: Pick<ParsedOptions, "options" | "wrongKeys">,
): { readonly outputs: StageOutput[]; readonly problems: RecipeProblem[] } => {
  const problems: RecipeProblem[] = [];
  const outputs = kind.outputs.flatMap((output): StageOutput[] => {
    const { key, usual } = output;
    const setting = settings.get(key);
    if (!setting) {
      return usual ? [{ key, file: usual(stage.name, options), where: stage.where }] : [];
    }
    if (wrongKeys.has(key)) return [];
    const problem = nameProblem(output, setting, options);
    if (problem) {
      problems.push({ where: setting.valueWhere, ...problem });
      return [];
    }
    return [{ key, file: String(setting.value), where: setting.valueWhere }];
  });
  return { outputs, problems };
};
