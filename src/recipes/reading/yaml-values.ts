import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import type { OptionValue } from "../../options/names/option-text.js";
import type { Setting } from "../parsed-recipe.js";
import { describeNode } from "./describe-node.js";
import { type Entry, followed, type NodeReader, offsetOf } from "./map-entries.js";

/** What a value should be, in words, and an example. */
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

/** The entries of a map as settings. */
export const settingsOf = (
  entries: readonly Entry[],
  { file: { document, locationAt } }: NodeReader,
): Setting[] =>
  entries.map(({ name, location, node, valueLocation }): Setting => {
    const value = isSeq(node) ? listValue(node, document) : plainValue(node);
    if (value === undefined) {
      const description = isSeq(node)
        ? "a list with items other than text and numbers"
        : describeNode(node);
      const found = node === undefined ? undefined : description;
      return { name, value, found, location, valueLocation };
    }
    const itemLocations = isSeq(node)
      ? node.items.map((item) => locationAt(offsetOf(item)))
      : undefined;
    return { name, value, location, valueLocation, ...(itemLocations && { itemLocations }) };
  });

/** Reports an unexpected value, unless it is an alias without an anchor, which is already reported. */
export const reportUnexpected = (
  { node, valueLocation: location, name }: Pick<Entry, "node" | "valueLocation" | "name">,
  { expected, example }: Expected,
  { problems }: NodeReader,
): undefined => {
  if (node === undefined) return;
  const message = `${name}: found ${describeNode(node)}, expected ${expected}.`;
  problems.push({ location, message, hint: `For example ${example}.` });
};

/** The value of an entry as a map, or undefined with a problem. */
export const mapOf = (
  entry: Pick<Entry, "node" | "valueLocation" | "name">,
  expected: Expected,
  reader: NodeReader,
): YAMLMap | undefined =>
  isMap(entry.node) ? entry.node : reportUnexpected(entry, expected, reader);

/** The value of an entry as text, or undefined with a problem. */
export const textOf = (entry: Entry, expected: Expected, reader: NodeReader) => {
  const value = plainValue(entry.node);
  return typeof value === "string" && value !== ""
    ? value
    : reportUnexpected(entry, expected, reader);
};
