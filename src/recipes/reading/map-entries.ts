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
import type { SourceLocation } from "../source-location.js";
import { describeNode } from "./describe-node.js";
import type { YamlFile } from "./parse-yaml.js";

/** The file whose nodes are read, and the problems found in them so far. */
export interface NodeReader {
  readonly file: YamlFile;
  readonly problems: RecipeProblem[];
}

/** A key of a map with its value; aliases are resolved. */
export interface Entry {
  readonly name: string;
  readonly location: SourceLocation;
  /** Undefined for an alias without an anchor, which is already reported. */
  readonly node: unknown;
  readonly valueLocation: SourceLocation;
}

/** The key that merges other maps in (https://yaml.org/type/merge.html); in quotes it is an ordinary key. */
const MERGE_KEY = "<<";

const isMergeKey = ({ key }: Pair): boolean =>
  isScalar(key) && key.value === MERGE_KEY && key.type === "PLAIN";

/** A node, or the node that an alias refers to. */
export const followed = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node;

export const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] | null } | null)?.range?.[0];

/** The name of a key; adds a problem and returns undefined for a key that is not a name, or a duplicate. */
const nameOf = (
  { key }: Pair,
  location: SourceLocation,
  seen: Map<string, SourceLocation>,
  { problems }: NodeReader,
): string | undefined => {
  const value = isScalar(key) ? key.value : undefined;
  if (typeof value !== "string" && typeof value !== "number") {
    problems.push({ location, message: "expected a name as the key." });
    return undefined;
  }
  const name = String(value);
  const first = seen.get(name);
  if (first) {
    const hint = first.kind === "file" ? `It first appears on line ${first.line}.` : undefined;
    problems.push({ location, message: `duplicate key ${name}.`, hint });
    return undefined;
  }
  seen.set(name, location);
  return name;
};

const entryOf = (pair: Pair, name: string, { file, problems }: NodeReader): Entry => {
  const location = file.locationAt(offsetOf(pair.key));
  const node = followed(pair.value, file.document);
  if (isAlias(pair.value) && node === undefined) {
    problems.push({ location, message: `no anchor &${pair.value.source} precedes this alias.` });
  }
  return {
    name,
    location,
    node,
    valueLocation: file.locationAt(offsetOf(pair.value) ?? offsetOf(pair.key)),
  };
};

/** A map's own entries, and the entry of its merge key. */
const ownEntries = (
  map: YAMLMap,
  reader: NodeReader,
): { own: Entry[]; merge: Entry | undefined } => {
  const seen = new Map<string, SourceLocation>();
  const own: Entry[] = [];
  let merge: Entry | undefined;
  for (const pair of map.items) {
    if (!isPair(pair)) continue;
    const name = nameOf(pair, reader.file.locationAt(offsetOf(pair.key)), seen, reader);
    if (name === undefined) continue;
    const entry = entryOf(pair, name, reader);
    if (isMergeKey(pair)) merge = entry;
    else own.push(entry);
  }
  return { own, merge };
};

/** The maps that a merge key names; earlier ones take precedence. */
const mergedMaps = ({ node, valueLocation: location }: Entry, reader: NodeReader): YAMLMap[] => {
  const nodes = isSeq(node)
    ? node.items.map((item) => followed(item, reader.file.document))
    : [node];
  return nodes.flatMap((each): YAMLMap[] => {
    if (isMap(each)) return [each];
    const message = `${MERGE_KEY}: found ${describeNode(each)}, expected an alias of a map, or a list of them.`;
    // An alias without an anchor is already reported.
    if (node !== undefined) {
      reader.problems.push({ location, message, hint: `For example ${MERGE_KEY}: *base.` });
    }
    return [];
  });
};

/**
 * The entries of a map, including those of the maps that its key `<<` merges in; its own entries take precedence.
 * Keys that are not plain names, and duplicate keys, are problems.
 */
export const entriesOf = (map: YAMLMap, reader: NodeReader): Entry[] => {
  const byName = new Map<string, Entry>();
  // Each map is read once, so that merges neither grow exponentially nor loop.
  const visited = new Set<YAMLMap>();
  const addEntries = (each: YAMLMap): void => {
    if (visited.has(each)) return;
    visited.add(each);
    const { own, merge } = ownEntries(each, reader);
    for (const entry of own) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    for (const merged of merge ? mergedMaps(merge, reader) : []) addEntries(merged);
  };
  addEntries(map);
  return [...byName.values()];
};
