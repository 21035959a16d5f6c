import { option } from "../../base/option-reference.js";
import { TRAINING_STATE_SUFFIX } from "../../checkpoint/training/training-state-path.js";
import type { ParsedOptions } from "../options/parse-options.js";
import type { ParsedStage, Setting } from "../parsed-recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageOutput } from "./stage.js";
import type { OutputOption, StageKind } from "./stage-kind.js";

/** A file name without folders: recipes may come from anyone and only write to their own folder. */
const PLAIN_NAME = /^[A-Za-z0-9_][^/\\\0]*$/;

/** File systems allow 255; training states, locks and backups have longer names than the output itself. */
const MAX_NAME_BYTES = 200;

const nameProblem = (
  { key, endings: endingsOf }: OutputOption,
  setting: Setting,
  options: Readonly<Record<string, unknown>>,
): Pick<RecipeProblem, "message" | "hint"> | undefined => {
  const name = String(setting.value);
  if (!PLAIN_NAME.test(name)) {
    return {
      message: `${key} ${name}: expected a file name without a folder.`,
      hint: `Stages write to the recipe's folder; set it with folder: at the top of the recipe, or with ${option("folder")}.`,
    };
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) {
    return {
      message: `${key} ${name}: the name has ${bytes} bytes (at most ${MAX_NAME_BYTES} are allowed).`,
      hint: "Choose a shorter name.",
    };
  }
  const endings = endingsOf?.(options) ?? [];
  if (endings.length > 0 && !endings.some((ending) => name.endsWith(ending))) {
    return { message: `${key} ${name}: the name must end in ${endings.join(", ")}.` };
  }
  if (name.endsWith(TRAINING_STATE_SUFFIX)) {
    return {
      message: `${key} ${name}: names that end in ${TRAINING_STATE_SUFFIX} are reserved for training states.`,
      hint: "Choose another name.",
    };
  }
  return undefined;
};

/** The files that a stage writes: as its options name them, or with default names. Invalid names are left out. */
export const nameOutputs = (
  stage: ParsedStage,
  kind: StageKind,
  settings: ReadonlyMap<string, Setting>,
  { options = {}, wrongKeys }: Pick<ParsedOptions, "options" | "wrongKeys">,
): { readonly outputs: StageOutput[]; readonly problems: RecipeProblem[] } => {
  const problems: RecipeProblem[] = [];
  const outputs = kind.outputs.flatMap((output): StageOutput[] => {
    const { key, defaultName } = output;
    const setting = settings.get(key);
    if (!setting) {
      return defaultName
        ? [{ key, file: defaultName(stage.name, options), location: stage.location }]
        : [];
    }
    if (wrongKeys.has(key)) return [];
    const problem = nameProblem(output, setting, options);
    if (problem) {
      problems.push({ location: setting.valueLocation, ...problem });
      return [];
    }
    return [{ key, file: String(setting.value), location: setting.valueLocation }];
  });
  return { outputs, problems };
};
