/** Name part added by torch.compile. */
const COMPILED = "_orig_mod";
/** Name part added by DataParallel and similar wrappers. */
const PARALLEL = "module";
/** AveragedModel's counter, stored next to the tensors of its net. */
const AVERAGE_COUNTER = "n_averaged";
/** Nested wrappers that are removed. */
const MAX_PREFIXES = 8;

type Rename = (name: string) => string;

/** Renames tensors; undefined if two would have the same name. */
const renamed = <T>(
  tensors: ReadonlyMap<string, T>,
  rename: Rename,
): ReadonlyMap<string, T> | undefined => {
  const result = new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
  return result.size === tensors.size ? result : undefined;
};

const withoutParts =
  (...parts: readonly string[]): Rename =>
  (name) =>
    name
      .split(".")
      .filter((part) => !parts.includes(part))
      .join(".");

/** The first part of all names, such as `model`; undefined if they do not share one. */
const sharedPart = (names: Iterable<string>): string | undefined => {
  let shared: string | undefined;
  for (const name of names) {
    const dot = name.indexOf(".");
    const part = name.slice(0, dot);
    if (dot < 0 || (shared !== undefined && part !== shared)) return undefined;
    shared = part;
  }
  return shared;
};

/**
 * Yields the tensors of a state dict under their own names, then without the name parts that wrappers add:
 * `_orig_mod.`, `module.`, and prefixes that all names share. For example, `model._orig_mod.module.dorefa.0.weight`
 * becomes `dorefa.0.weight` among others.
 */
export function* unwrappedNames<T>(
  tensors: ReadonlyMap<string, T>,
): Generator<ReadonlyMap<string, T>> {
  const counted = new Map([...tensors].filter(([name]) => name !== AVERAGE_COUNTER));
  const removals: readonly Rename[] = [
    (name) => name,
    withoutParts(COMPILED),
    withoutParts(COMPILED, PARALLEL),
  ];
  yield tensors;
  for (const removal of removals) {
    let named = renamed(counted, removal);
    for (let left = MAX_PREFIXES; named && left > 0; left--) {
      yield named;
      const prefix = sharedPart(named.keys());
      if (prefix === undefined) break;
      named = renamed(named, (name) => name.slice(prefix.length + 1));
    }
  }
}
