import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { RecipeProblem } from "../recipe-problem.js";
import type { Where } from "../where.js";
import { foundNode } from "./found-node.js";
import type { YamlFile } from "./parse-yaml.js";

/** Reads the nodes of one file; what is wrong with them is collected. */
export interface NodeReader {
  readonly file: YamlFile;
  readonly problems: RecipeProblem[];
}

/** A key of a map with its value, aliases followed. */
export interface Entry {
  readonly name: string;
  readonly where: Where;
  /** Undefined for an alias of nothing, which is a problem already. */
  readonly node: unknown;
  readonly valueWhere: Where;
}

/** The key whose maps a map takes over (https://yaml.org/type/merge.html); in quotes it is a name like others. */
const MERGE_KEY = "<<";

const isMergeKey = ({ key }: Pair): boolean =>
  isScalar(key) && key.value === MERGE_KEY && key.type === "PLAIN";

/** A node, or what an alias stands for. */
export const followed = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node;

export const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] | null } | null)?.range?.[0];

/** The name that a key is, or undefined with a problem: no name, or one that stands there already. */
const nameOf = (
  { key }: Pair,
  where: Where,
  seen: Map<string, Where>,
  { problems }: NodeReader,
): string | undefined => {
  const value = isScalar(key) ? key.value : undefined;
  if (typeof value !== "string" && typeof value !== "number") {
    problems.push({ where, message: "a key must be a name." });
    return undefined;
  }
  const name = String(value);
  const first = seen.get(name);
  if (first) {
    const hint = first.kind === "file" ? `The first one stands in line ${first.line}.` : undefined;
    problems.push({ where, message: "this key stands here twice.", hint });
    return undefined;
  }
  seen.set(name, where);
  return name;
};

const entryOf = (pair: Pair, name: string, { file, problems }: NodeReader): Entry => {
  const where = file.whereIs(offsetOf(pair.key));
  const node = followed(pair.value, file.document);
  if (isAlias(pair.value) && node === undefined) {
    problems.push({ where, message: `there is no &${pair.value.source} above this alias.` });
  }
  return {
    name,
    where,
    node,
    valueWhere: file.whereIs(offsetOf(pair.value) ?? offsetOf(pair.key)),
  };
};

/** A map's own entries, and what stands at its merge key. */
const ownEntries = (
  map: YAMLMap,
  reader: NodeReader,
): { own: Entry[]; merge: Entry | undefined } => {
  const seen = new Map<string, Where>();
  const own: Entry[] = [];
  let merge: Entry | undefined;
  for (const pair of map.items) {
    if (!isPair(pair)) continue;
    const name = nameOf(pair, reader.file.whereIs(offsetOf(pair.key)), seen, reader);
    if (name === undefined) continue;
    const entry = entryOf(pair, name, reader);
    if (isMergeKey(pair)) merge = entry;
    else own.push(entry);
  }
  return { own, merge };
};

/** The maps that a merge key names, the first of which counts most. */
const mergedMaps = ({ node, valueWhere: where }: Entry, reader: NodeReader): YAMLMap[] => {
  const nodes = isSeq(node)
    ? node.items.map((item) => followed(item, reader.file.document))
    : [node];
  return nodes.flatMap((each): YAMLMap[] => {
    if (isMap(each)) return [each];
    const message = `${MERGE_KEY}: found ${foundNode(each)}, expected an alias of a map or a list of them.`;
    // An alias of nothing is a problem already.
    if (node !== undefined) {
      reader.problems.push({ where, message, hint: `For example ${MERGE_KEY}: *base.` });
    }
    return [];
  });
};

/**
 * The entries of a map, with those of the maps that its key `<<` merges in: own ones count before merged ones.
 * Keys that are no plain names, or stand there twice, are problems.
 */
export const entriesOf = (map: YAMLMap, reader: NodeReader): Entry[] => {
  const byName = new Map<string, Entry>();
  // A map that was taken once has nothing new; so no chain of merges grows, nor runs in a circle.
  const taken = new Set<YAMLMap>();
  const take = (each: YAMLMap): void => {
    if (taken.has(each)) return;
    taken.add(each);
    const { own, merge } = ownEntries(each, reader);
    for (const entry of own) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    for (const merged of merge ? mergedMaps(merge, reader) : []) take(merged);
  };
  take(map);
  return [...byName.values()];
};
