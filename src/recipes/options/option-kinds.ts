import { keysByName } from "../../options/option-names.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { STAGE_KINDS } from "../stages/stage-kinds.js";

/** The options that a stage of a kind has, by every name that they go by. */
export const visibleNames = (kind: StageKind, { schema }: StageCommand): Map<string, string> => {
  const outOfSight = new Set([...kind.hidden, ...Object.keys(kind.fixed)]);
  return new Map([...keysByName(schema)].filter(([, key]) => !outOfSight.has(key)));
};

const namesOf = (kind: StageKind): string[] =>
  kind.commands.flatMap((command) => [...visibleNames(kind, command).keys()]);

/** Every name of an option that any stage has. */
export const everyOptionName = (): string[] => [
  ...new Set(Object.values(STAGE_KINDS).flatMap(namesOf)),
];

/** The kinds of stages that have an option of a name. */
export const kindsWith = (name: string): string[] =>
  Object.entries(STAGE_KINDS).flatMap(([kindName, kind]) =>
    namesOf(kind).includes(name) ? [kindName] : [],
  );

/** Where an option belongs that stands in a wrong place. */
export const forStages = (kinds: readonly string[]): string =>
  `Stages of the ${kinds.length > 1 ? "kinds" : "kind"} ${kinds.join(", ")} have it.`;
