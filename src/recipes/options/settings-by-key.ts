import type { Setting } from "../parsed-recipe.js";

/** Each pair sets the same half of the quantization: one that is more specific removes the other. */
const ALTERNATIVES: Readonly<Record<string, string>> = {
  W: "Wbits",
  Wbits: "W",
  A: "Abits",
  Abits: "A",
};

/** Overrides settings with more specific ones. */
export const applyOver = (
  settings: Map<string, Setting>,
  overrides: ReadonlyMap<string, Setting>,
): void => {
  for (const key of overrides.keys()) settings.delete(ALTERNATIVES[key] ?? "");
  for (const [key, setting] of overrides) settings.set(key, setting);
};

/** Settings by option key; settings of unknown options are left out. */
export const settingsByKey = (settings: readonly Setting[], names: ReadonlyMap<string, string>) =>
  new Map(
    settings.flatMap((setting): [string, Setting][] => {
      const key = names.get(setting.name);
      return key === undefined ? [] : [[key, setting]];
    }),
  );
