/** Calls that wait for the system together. */
const TOGETHER = 64;

/** The results of a call for each item, in their order, a group of calls at a time. */
export const inGroups = async <T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += TOGETHER) {
    results.push(...(await Promise.all(items.slice(start, start + TOGETHER).map(call))));
  }
  return results;
};
