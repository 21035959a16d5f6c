/** What DataParallel puts in front of every name of the net that it wraps. */
const PREFIX = "module.";

/** Tensors without DataParallel's prefix, where every one of them has it. */
export const withoutModulePrefix = <T>(tensors: ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
  const names = [...tensors.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith(PREFIX))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(PREFIX.length), tensor]));
};
