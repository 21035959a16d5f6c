import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { type PickleDict, type PickleKey, type PickleValue, textOf } from "./pickle-value.js";

const shown = (key: PickleKey): string => (typeof key === "string" ? quoted(key) : String(key));

/**
 * Sets the keys and values that alternate in `items`; items whose key is neither text nor a number are dropped.
 * A key that is there already is refused: writers never set one twice, and readers differ on which counts.
 */
export const setItems = <T>(
  dict: PickleDict<T>,
  items: readonly PickleValue<T>[],
  refuse: (reason: string) => QpruneError,
): void => {
  const { entries } = dict;
  if (items.length % 2 !== 0) throw refuse("a key of a dict has no value");
  for (let at = 0; at < items.length; at += 2) {
    const key = typeof items[at] === "number" ? (items[at] as number) : textOf(items[at]);
    if (key === undefined) {
      dict.hasOtherKeys = true;
      continue;
    }
    if (entries.has(key)) throw refuse(`a dict has the key ${shown(key)} twice`);
    entries.set(key, items[at + 1] as PickleValue<T>);
  }
};
