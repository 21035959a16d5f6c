import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { OptionValue, Setting } from "../recipe.js";
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
  /** Undefined where it is an alias of nothing, which was told. */
  readonly node: unknown;
  readonly valueWhere: Where;
}

/** What may stand in a place, in words, and how it looks there. */
export interface Expected {
  readonly expected: string;
  readonly example: string;
}

const followed = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node;

const offsetOf = (node: unknown): number | undefined =>
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

/** The entries of a map; keys that are no plain names, or stand there twice, are problems. */
export const entriesOf = (map: YAMLMap, reader: NodeReader): Entry[] => {
  const { file, problems } = reader;
  const seen = new Map<string, Where>();
  return map.items.flatMap((pair): Entry[] => {
    if (!isPair(pair)) return [];
    const where = file.whereIs(offsetOf(pair.key));
    const name = nameOf(pair, where, seen, reader);
    if (name === undefined) return [];
    const node = followed(pair.value, file.document);
    if (isAlias(pair.value) && node === undefined) {
      problems.push({ where, message: `there is no &${pair.value.source} above this alias.` });
    }
    const valueWhere = file.whereIs(offsetOf(pair.value) ?? offsetOf(pair.key));
    return [{ name, where, node, valueWhere }];
  });
};

const plainValue = (node: unknown): string | number | boolean | undefined => {
  const value = isScalar(node) ? node.value : undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? value
    : undefined;
};

const listValue = (node: YAMLSeq, document: Document): OptionValue | undefined => {
  const values = node.items.map((item) => plainValue(followed(item, document)));
  return values.every((value) => value !== undefined) ? values : undefined;
};

/** The options of a map. */
export const settingsOf = (
  entries: readonly Entry[],
  { file: { document, whereIs } }: NodeReader,
): Setting[] =>
  entries.map(({ name, where, node, valueWhere }): Setting => {
    const value = isSeq(node) ? listValue(node, document) : plainValue(node);
    if (value === undefined) {
      const inWords = isSeq(node) ? "a list of more than texts and numbers" : foundNode(node);
      return { name, value, found: node === undefined ? undefined : inWords, where, valueWhere };
    }
    const itemWheres = isSeq(node) ? node.items.map((item) => whereIs(offsetOf(item))) : undefined;
    return { name, value, where, valueWhere, ...(itemWheres && { itemWheres }) };
  });

/** Tells what was found in a place, unless it was an alias of nothing. */
export const tellFound = (
  { node, valueWhere: where, name }: Pick<Entry, "node" | "valueWhere" | "name">,
  { expected, example }: Expected,
  { problems }: NodeReader,
): undefined => {
  if (node === undefined) return;
  const message = `${name}: found ${foundNode(node)}, expected ${expected}.`;
  problems.push({ where, message, hint: `For example ${example}.` });
};

/** The map that a node is, or undefined with a problem. */
export const mapOf = (
  entry: Pick<Entry, "node" | "valueWhere" | "name">,
  expected: Expected,
  reader: NodeReader,
): YAMLMap | undefined => (isMap(entry.node) ? entry.node : tellFound(entry, expected, reader));

/** The text that a node is, or undefined with a problem. */
export const textOf = (entry: Entry, expected: Expected, reader: NodeReader) => {
  const value = plainValue(entry.node);
  return typeof value === "string" && value !== "" ? value : tellFound(entry, expected, reader);
};
