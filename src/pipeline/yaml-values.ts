import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { YamlFile } from "./parse-yaml.js";
import type { OptionValue, Setting } from "./recipe.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Where } from "./where.js";

/** Reads the nodes of one file; what is wrong with them is collected. */
export interface NodeReader {
  readonly file: YamlFile;
  readonly problems: RecipeProblem[];
}

/** A key of a map with its value, aliases followed. */
export interface Entry {
  readonly name: string;
  readonly where: Where;
  readonly node: unknown;
  readonly valueWhere: Where;
}

const followed = (node: unknown, document: Document): unknown =>
  isAlias(node) ? node.resolve(document) : node;

const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] | null } | null)?.range?.[0];

/** The entries of a map; keys that are no plain names are problems. */
export const entriesOf = (map: YAMLMap, { file, problems }: NodeReader): Entry[] =>
  map.items.flatMap((pair): Entry[] => {
    if (!isPair(pair)) return [];
    const where = file.whereIs(offsetOf(pair.key));
    const name = isScalar(pair.key) ? pair.key.value : undefined;
    if (typeof name !== "string" && typeof name !== "number") {
      problems.push({ where, message: "a key must be a name." });
      return [];
    }
    const node = followed(pair.value, file.document);
    if (isAlias(pair.value) && node === undefined) {
      problems.push({ where, message: `there is no &${pair.value.source} above this alias.` });
      return [];
    }
    const valueWhere = file.whereIs(offsetOf(pair.value) ?? offsetOf(pair.key));
    return [{ name: String(name), where, node, valueWhere }];
  });

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

/** The options of a map; a value that no option can have is a problem. */
export const settingsOf = (entries: readonly Entry[], reader: NodeReader): Setting[] =>
  entries.flatMap(({ name, where, node, valueWhere }): Setting[] => {
    const { document, whereIs } = reader.file;
    const value = isSeq(node) ? listValue(node, document) : plainValue(node);
    if (value !== undefined) {
      const itemWheres = isSeq(node)
        ? node.items.map((item) => whereIs(offsetOf(item)))
        : undefined;
      return [{ name, value, where, valueWhere, ...(itemWheres && { itemWheres }) }];
    }
    const isEmpty = node === null || (isScalar(node) && node.value === null);
    const message = isEmpty
      ? `${name} has no value.`
      : `${name}: expected a text, a number, true, false, or a list of these.`;
    reader.problems.push({ where: valueWhere, message });
    return [];
  });

/** The map that a node is, or undefined with a problem. */
export const mapOf = (
  { node, valueWhere, name }: Pick<Entry, "node" | "valueWhere" | "name">,
  expected: string,
  { problems }: NodeReader,
): YAMLMap | undefined => {
  if (isMap(node)) return node;
  problems.push({ where: valueWhere, message: `${name}: expected ${expected}.` });
  return undefined;
};

/** The text that a node is, or undefined with a problem. */
export const textOf = ({ node, valueWhere, name }: Entry, { problems }: NodeReader) => {
  const value = plainValue(node);
  if (typeof value === "string" && value !== "") return value;
  problems.push({ where: valueWhere, message: `${name}: expected a text.` });
  return undefined;
};
