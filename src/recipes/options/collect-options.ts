import type { Setting, WrittenStage } from "../recipe.js";
import type { RecipeProblem } from "../recipe-problem.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { chooseCommand } from "./choose-command.js";
import { elsewhereHint, optionHint } from "./option-hint.js";
import { visibleNames } from "./option-kinds.js";
import { layOver, settingsByKey } from "./settings-by-key.js";

/** What is said for more than one stage. */
export interface SharedSettings {
  readonly defaults: readonly Setting[];
  /** Of --set, with and without a stage. */
  readonly sets: readonly Setting[];
}

/** The options of one stage by their keys. */
export interface CollectedOptions {
  readonly command: StageCommand;
  readonly settings: ReadonlyMap<string, Setting>;
  /** The shared ones that the stage takes. */
  readonly taken: readonly Setting[];
  readonly problems: readonly RecipeProblem[];
}

/** What is said of one file belongs to the stage that reads it. */
const OWN_OPTIONS = ["key"];
/** They make a net; a stage that starts from a file takes its net from there. */
const NET_OPTIONS = ["arch", "cfg", "width"];

const unknownOption = (
  { name, where }: Setting,
  stage: WrittenStage,
  { command, names }: { command: StageCommand; names: ReadonlyMap<string, string> },
): RecipeProblem => ({
  where,
  message: `a stage of the kind ${stage.kind} has no option ${name}.`,
  hint:
    optionHint(name, [...names.keys()]) ??
    elsewhereHint(name) ??
    `qprune ${command.name} --help lists its options.`,
});

/** The shared settings that a stage takes: of options that it has, save names of files and the net of a file. */
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

/** Options of a stage's own that it does not have, and that it says twice. */
const ownProblems = (
  stage: WrittenStage,
  sets: readonly Setting[],
  { command, names }: { command: StageCommand; names: ReadonlyMap<string, string> },
): RecipeProblem[] => {
  const unknown = [...stage.settings, ...sets]
    .filter(({ name }) => !names.has(name))
    .map((setting) => unknownOption(setting, stage, { command, names }));
  const first = new Map<string, string>();
  const twice = stage.settings.flatMap(({ name, where }): RecipeProblem[] => {
    const key = names.get(name) ?? name;
    const other = first.get(key);
    first.set(key, name);
    if (other === undefined) return [];
    return [{ where, message: `${name} and ${other} are one option.`, hint: "Give one of them." }];
  });
  return [...unknown, ...twice];
};

/**
 * The options of a stage: the defaults, over which its own stand, over which those of --set stand, with a
 * stage over those without. Options that it does not have or says twice are problems.
 */
export const collectOptions = (
  stage: WrittenStage,
  kind: StageKind,
  { defaults, sets }: SharedSettings,
): CollectedOptions => {
  const ofStage = sets.filter((set) => set.stage === stage.name);
  const ofAll = sets.filter((set) => set.stage === undefined);
  const command = chooseCommand(kind, { own: stage.settings, sets: ofStage, defaults });
  const names = visibleNames(kind, command);
  const own = settingsByKey(stage.settings, names);
  const nearest = settingsByKey(ofStage, names);
  const shared = sharedSettings(kind, names, new Map([...own, ...nearest]));
  const [far, near] = [shared(defaults), shared(ofAll)];
  const settings = new Map<string, Setting>();
  for (const layer of [far, own, near, nearest]) layOver(settings, layer);
  const isTaken = ({ name }: Setting): boolean => {
    const key = names.get(name) ?? "";
    return far.has(key) || near.has(key);
  };
  return {
    command,
    settings,
    taken: [...defaults, ...ofAll].filter(isTaken),
    problems: ownProblems(stage, ofStage, { command, names }),
  };
};
