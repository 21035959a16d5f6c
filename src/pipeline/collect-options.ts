import { keysByName } from "../config/option-names.js";
import { nearestHint } from "./nearest-name.js";
import type { Setting, WrittenStage } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { StageCommand, StageKind } from "./stage-kind.js";

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

/** They make a net; a stage that starts from a file takes its net from there. */
const NET_OPTIONS = ["arch", "cfg", "width"];
const QUANTIZATION_OPTIONS = ["W", "A", "Wbits", "Abits"];

/** The command that a stage calls: its own options choose it, else the defaults. */
const chooseCommand = (
  kind: StageKind,
  own: readonly Setting[],
  defaults: readonly Setting[],
): StageCommand => {
  const names = new Map(kind.commands.flatMap(({ schema }) => [...keysByName(schema)]));
  const keysOf = (settings: readonly Setting[]) =>
    settings.flatMap(({ name }) => names.get(name) ?? []);
  const ownKeys = keysOf(own);
  const isTold = QUANTIZATION_OPTIONS.some((key) => ownKeys.includes(key));
  return kind.commandOf(new Set(isTold ? ownKeys : [...ownKeys, ...keysOf(defaults)]));
};

/** The options that a stage of a kind has, by every name that they go by. */
const visibleNames = (kind: StageKind, { schema }: StageCommand): Map<string, string> => {
  const outOfSight = new Set([...kind.hidden, ...Object.keys(kind.fixed)]);
  return new Map([...keysByName(schema)].filter(([, key]) => !outOfSight.has(key)));
};

const unknownOption = (
  { name, where }: Setting,
  stage: WrittenStage,
  { command, names }: { command: StageCommand; names: ReadonlyMap<string, string> },
): RecipeProblem => ({
  where,
  message: `a stage of the kind ${stage.kind} has no option ${name}.`,
  hint: nearestHint(name, [...names.keys()], `qprune ${command.name} --help lists its options.`),
});

/** Which shared options a stage takes: those that it has, save names of files and the net of a file. */
const sharedKey = (
  kind: StageKind,
  names: ReadonlyMap<string, string>,
  ownKeys: ReadonlySet<string>,
): ((setting: Setting) => string | undefined) => {
  const files = [...kind.inputs, ...kind.outputs].map(({ key }) => key);
  const startsFromFile = kind.inputs.some(({ key, isRequired }) => isRequired || ownKeys.has(key));
  return ({ name }) => {
    const key = names.get(name);
    if (key === undefined || files.includes(key)) return undefined;
    return startsFromFile && NET_OPTIONS.includes(key) ? undefined : key;
  };
};

/**
 * The options of a stage: the defaults, over which its own stand, over which those of --set stand.
 * Options that it does not have and that are said twice are problems.
 */
export const collectOptions = (
  stage: WrittenStage,
  kind: StageKind,
  { defaults, sets }: SharedSettings,
): CollectedOptions => {
  const problems: RecipeProblem[] = [];
  const ofStage = sets.filter((set) => set.stage === stage.name);
  const ofAll = sets.filter((set) => set.stage === undefined);
  const command = chooseCommand(kind, [...stage.settings, ...ofStage], defaults);
  const names = visibleNames(kind, command);
  const own = new Map<string, Setting>();
  for (const setting of [...stage.settings, ...ofStage]) {
    const key = names.get(setting.name);
    if (key === undefined) problems.push(unknownOption(setting, stage, { command, names }));
    else if (own.has(key) && setting.where.kind === "file") {
      const message = `${setting.name} and ${own.get(key)?.name} are one option.`;
      problems.push({ where: setting.where, message, hint: "Give one of them." });
    } else own.set(key, setting);
  }
  const keyOf = sharedKey(kind, names, new Set(own.keys()));
  const settings = new Map<string, Setting>();
  const taken: Setting[] = [];
  const share = (shared: readonly Setting[]): void => {
    for (const setting of shared) {
      const key = keyOf(setting);
      if (key === undefined) continue;
      taken.push(setting);
      settings.set(key, setting);
    }
  };
  share(defaults);
  for (const [key, setting] of own) settings.set(key, setting);
  share(ofAll);
  for (const [key, setting] of own) if (setting.stage !== undefined) settings.set(key, setting);
  return { command, settings, taken, problems };
};
