/** What torch.compile puts into the names of the net that it wraps. */
const COMPILED = "_orig_mod";
/** What DataParallel and its relatives put there. */
const PARALLEL = "module";
/** What AveragedModel counts beside the tensors of its net. */
const AVERAGE_COUNTER = "n_averaged";
/** Wrappers around wrappers: more are not looked under. */
const MOST_PREFIXES = 8;

type Rename = (name: string) => string;

/** The tensors under other names; undefined where two would have the same one. */
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

/** The first part that all names share, such as `model`; undefined where there is none. */
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
 * The tensors of a state dict under their own names, then under those that remain when what wrappers add goes:
 * `_orig_mod.`, `module.`, and parts that all names begin with. `model._orig_mod.module.dorefa.0.weight` gives
 * `dorefa.0.weight` among others.
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
    for (let left = MOST_PREFIXES; named && left > 0; left--) {
      yield named;
      const prefix = sharedPart(named.keys());
      if (prefix === undefined) break;
      named = renamed(named, (name) => name.slice(prefix.length + 1));
    }
  }
}
