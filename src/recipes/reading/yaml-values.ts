import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import type { OptionValue } from "../../options/option-text.js";
import type { Setting } from "../recipe.js";
import { foundNode } from "./found-node.js";
import { type Entry, followed, type NodeReader, offsetOf } from "./map-entries.js";

/** What may stand in a place, in words, and how it looks there. */
export interface Expected {
  readonly expected: string;
  readonly example: string;
}

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
