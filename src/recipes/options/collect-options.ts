import { keysByName } from "../../options/names/option-names.js";
import type { ParsedStage, Setting } from "../parsed-recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { elsewhereHint, optionHint } from "./option-hint.js";
import { optionNames } from "./option-kinds.js";
import { applyOver, settingsByKey } from "./settings-by-key.js";

/** Settings that are not in a stage itself. */
export interface SharedSettings {
  /** Of the recipe, for all stages that have the option. */
  readonly defaults: readonly Setting[];
  /** Of the caller, for one stage or for all. */
  readonly sets: readonly Setting[];
}

/** The options of one stage. */
export interface CollectedOptions {
  readonly command: StageCommand;
  /** By option key. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** The shared settings that the stage uses. */
  readonly usedSettings: readonly Setting[];
  readonly problems: readonly RecipeProblem[];
}

/** Options of a single file; only the stage that reads it may set them. */
const OWN_OPTIONS = ["key"];
/** Options that define a net; a stage that starts from a file has its net from there. */
const NET_OPTIONS = ["arch", "cfg", "pretrained", "width"];
const QUANTIZATION_OPTIONS = ["W", "A", "Wbits", "Abits"];

/** The command of a stage: chosen by its own options if they quantize, otherwise also by the defaults. */
const chooseCommand = (
  kind: StageKind,
  { own, sets, defaults }: Record<"own" | "sets" | "defaults", readonly Setting[]>,
): StageCommand => {
  const names = new Map(kind.commands.flatMap(({ schema }) => [...keysByName(schema)]));
  const keys = settingsByKey(own, names);
  applyOver(keys, settingsByKey(sets, names));
  if (!QUANTIZATION_OPTIONS.some((key) => keys.has(key))) {
    for (const [key, setting] of settingsByKey(defaults, names)) keys.set(key, setting);
  }
  return kind.commandOf(new Set(keys.keys()));
};

const unknownOption = (
  { name, location }: Setting,
  stage: ParsedStage,
  { command, names }: { command: StageCommand; names: ReadonlyMap<string, string> },
): RecipeProblem => ({
  location,
  message: `${stage.kind} stages have no option ${name}.`,
  hint:
    optionHint(name, [...names.keys()], elsewhereHint(name)) ??
    `qprune ${command.name} --help lists its options.`,
});

/** Selects the shared settings that apply to a stage: its options, except those that name files or define the net of a file. */
const sharedSettings = (
  kind: StageKind,
  names: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, Setting>,
) => {
  const startsFromFile = kind.inputs.some(({ key, isRequired }) => isRequired || own.has(key));
  const notShared = new Set([
    ...[...kind.inputs, ...kind.outputs].map(({ key }) => key),
    ...OWN_OPTIONS,
    ...(startsFromFile ? NET_OPTIONS : []),
  ]);
  return (shared: readonly Setting[]): Map<string, Setting> =>
    new Map([...settingsByKey(shared, names)].filter(([key]) => !notShared.has(key)));
};

/** Problems with settings of a single stage: unknown options, and options given twice. */
const ownProblems = (
  stage: ParsedStage,
  sets: readonly Setting[],
  { command, names }: { command: StageCommand; names: ReadonlyMap<string, string> },
): RecipeProblem[] => {
  const unknown = [...stage.settings, ...sets]
    .filter(({ name }) => !names.has(name))
    .map((setting) => unknownOption(setting, stage, { command, names }));
  const first = new Map<string, string>();
  const twice = stage.settings.flatMap(({ name, location }): RecipeProblem[] => {
    const key = names.get(name) ?? name;
    const other = first.get(key);
    first.set(key, name);
    if (other === undefined) return [];
    const message = `${name} and ${other} are the same option.`;
    return [{ location, message, hint: "Give only one of them." }];
  });
  return [...unknown, ...twice];
};

/**
 * The options of a stage. Later sources override earlier ones: the recipe's defaults, the stage's own settings, the
 * caller's settings for all stages, the caller's settings for this stage. Unknown and duplicate options are problems.
 */
export const collectOptions = (
  stage: ParsedStage,
  kind: StageKind,
  { defaults, sets }: SharedSettings,
): CollectedOptions => {
  const stageSets = sets.filter((set) => set.stage === stage.name);
  const commonSets = sets.filter((set) => set.stage === undefined);
  const command = chooseCommand(kind, { own: stage.settings, sets: stageSets, defaults });
  const names = optionNames(kind, command);
  const own = settingsByKey(stage.settings, names);
  const ownSets = settingsByKey(stageSets, names);
  const shared = sharedSettings(kind, names, new Map([...own, ...ownSets]));
  const [usedDefaults, usedSets] = [shared(defaults), shared(commonSets)];
  const settings = new Map<string, Setting>();
  for (const layer of [usedDefaults, own, usedSets, ownSets]) applyOver(settings, layer);
  const isUsed = ({ name }: Setting): boolean => {
    const key = names.get(name) ?? "";
    return usedDefaults.has(key) || usedSets.has(key);
  };
  return {
    command,
    settings,
    usedSettings: [...defaults, ...commonSets].filter(isUsed),
    problems: ownProblems(stage, stageSets, { command, names }),
  };
};
