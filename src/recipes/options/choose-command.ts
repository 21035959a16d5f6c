import { keysByName } from "../../options/option-names.js";
import type { Setting } from "../recipe.js";
import type { StageCommand, StageKind } from "../stages/stage-kind.js";
import { layOver, settingsByKey } from "./settings-by-key.js";

const QUANTIZATION_OPTIONS = ["W", "A", "Wbits", "Abits"];

/** The command that a stage calls: its own options choose it, else the defaults. */
export const chooseCommand = (
  kind: StageKind,
  { own, sets, defaults }: Record<"own" | "sets" | "defaults", readonly Setting[]>,
): StageCommand => {
  const names = new Map(kind.commands.flatMap(({ schema }) => [...keysByName(schema)]));
  const keys = settingsByKey(own, names);
  layOver(keys, settingsByKey(sets, names));
  if (!QUANTIZATION_OPTIONS.some((key) => keys.has(key))) {
    for (const [key, setting] of settingsByKey(defaults, names)) keys.set(key, setting);
  }
  return kind.commandOf(new Set(keys.keys()));
};
