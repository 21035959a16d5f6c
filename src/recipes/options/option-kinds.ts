import { keysByName } from "../../options/names/option-names.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

/** The key of each option that stages of a kind have, by all of the option's names. */
export const optionNames = (kind: StageKind, { schema }: StageCommand): Map<string, string> => {
  const excluded = new Set([...kind.hidden, ...Object.keys(kind.fixed)]);
  return new Map([...keysByName(schema)].filter(([, key]) => !excluded.has(key)));
};

const namesOf = (kind: StageKind): string[] =>
  kind.commands.flatMap((command) => [...optionNames(kind, command).keys()]);

/** Every name of every option that any kind of stage has. */
export const everyOptionName = (): string[] => [
  ...new Set(Object.values(STAGE_KINDS).flatMap(namesOf)),
];

/** The kinds of stages that have an option of the given name. */
export const kindsWith = (name: string): string[] =>
  Object.entries(STAGE_KINDS).flatMap(([kindName, kind]) =>
    namesOf(kind).includes(name) ? [kindName] : [],
  );

/** A hint that names the kinds of stages to which an option belongs. */
export const forStages = (kinds: readonly string[]): string =>
  `It is an option of ${kinds.join(", ")} stages.`;
