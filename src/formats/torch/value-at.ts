import { isDict } from "../pickle/pickle-value.js";
import { itemsOf, type TorchValue } from "./torch-value.js";

/** A value that a dotted path may lead on from, with the rest of the path. */
interface Step {
  readonly value: TorchValue;
  readonly rest: string;
}

const stepsFrom = ({ value, rest }: Step): Step[] => {
  const items = itemsOf(value);
  const parts = rest.split(".");
  // Keys may have dots of their own: the longest that fits comes first.
  return parts
    .map((_, at) => ({
      key: parts.slice(0, parts.length - at).join("."),
      rest: parts.slice(parts.length - at).join("."),
    }))
    .flatMap(({ key, rest: after }) => {
      const found = isDict(value)
        ? (value.entries.get(key) ?? value.entries.get(Number(key)))
        : items?.[Number(key)];
      return found === undefined ? [] : [{ value: found, rest: after }];
    });
};

/** What a dotted path of keys and places in lists leads to: `ema.0.module`; undefined where it leads nowhere. */
export const valueAt = (root: TorchValue, path: string): TorchValue | undefined => {
  const open: Step[] = [{ value: root, rest: path }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.rest === "") return next.value;
    open.push(...stepsFrom(next).reverse());
  }
  return undefined;
};
