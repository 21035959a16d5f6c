import type { Setting } from "../recipe.js";

/** Two ways of saying the same half of a quantization; a nearer place drops the other one of a farther place. */
const RIVALS: Readonly<Record<string, string>> = {
  W: "Wbits",
  Wbits: "W",
  A: "Abits",
  Abits: "A",
};

/** Lays settings of a nearer place over those of farther ones. */
export const layOver = (
  settings: Map<string, Setting>,
  nearer: ReadonlyMap<string, Setting>,
): void => {
  for (const key of nearer.keys()) settings.delete(RIVALS[key] ?? "");
  for (const [key, setting] of nearer) settings.set(key, setting);
};

/** Settings by the keys of the options that they name; those of no option are left out. */
export const settingsByKey = (settings: readonly Setting[], names: ReadonlyMap<string, string>) =>
  new Map(
    settings.flatMap((setting): [string, Setting][] => {
      const key = names.get(setting.name);
      return key === undefined ? [] : [[key, setting]];
    }),
  );
