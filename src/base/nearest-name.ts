/** Insertions, deletions and substitutions that turn one text into the other (Levenshtein). */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

/** A name that differs in more than this share of its letters was not meant. */
const LARGEST_SHARE = 0.4;
/** Nothing that people name is longer; the rest of a text is not compared. */
const MAX_LENGTH = 64;

/** The name that was probably meant, or undefined where none is near. */
export const nearestName = (name: string, names: Iterable<string>): string | undefined => {
  const asked = name.slice(0, MAX_LENGTH).toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const each of names) {
    const distance = editDistance(asked, each.toLowerCase());
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name: each, distance };
  }
  if (!best) return undefined;
  const longest = Math.max(asked.length, best.name.length);
  // Names of one letter differ in all of it.
  const isNear = best.distance < longest && best.distance <= Math.max(1, LARGEST_SHARE * longest);
  return isNear ? best.name : undefined;
};

/** Names, those with the fewest differing letters first; equally distant ones keep their order. */
export const nearestFirst = (name: string, names: readonly string[]): string[] => {
  const asked = name.slice(0, MAX_LENGTH).toLowerCase();
  const distances = new Map(
    names.map((each) => [each, editDistance(asked, each.slice(0, MAX_LENGTH).toLowerCase())]),
  );
  const distanceOf = (each: string): number => distances.get(each) ?? Number.POSITIVE_INFINITY;
  return [...names].sort((a, b) => distanceOf(a) - distanceOf(b));
};

/** "Did you mean …?", or a text that lists the names that exist. */
export const nearestHint = (
  name: string,
  names: readonly string[],
  otherwise = `There are ${names.join(", ")}.`,
): string => {
  const nearest = nearestName(name, names);
  return nearest === undefined ? otherwise : `Did you mean ${nearest}?`;
};
