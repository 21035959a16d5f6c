import { XMLParser, XMLValidator } from "fast-xml-parser";
import { quoted } from "../../../base/visible-text.js";
import { annotationError } from "../read-annotations.js";

/** An object of a Pascal VOC file. */
export interface VocObject {
  readonly name: string;
  readonly isDifficult: boolean;
  /** Numbers of the first and last pixels, which count from 1. */
  readonly xmin: number;
  readonly ymin: number;
  readonly xmax: number;
  readonly ymax: number;
}

/** What a Pascal VOC file contains, checked. */
export interface VocFile {
  /** The name of the image file, if the annotation contains it. */
  readonly filename: string | undefined;
  /** In pixels; undefined if the file contains none, or zeros. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly objects: readonly VocObject[];
}

// Entities are not expanded, and declarations of entities are refused before.
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => name === "object",
});

const DECLARATION = /<!(?:DOCTYPE|ENTITY)/i;

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

/** Entities that XML itself defines. */
const PREDEFINED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => PREDEFINED[name] as string);

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? decoded(value.trim()) : undefined;

const numberOf = (fields: Fields, key: string, path: string, where: string): number => {
  const text = textOf(fields[key]);
  const value = Number(text);
  if (text !== undefined && Number.isFinite(value)) return value;
  const problem =
    text === undefined ? `${key} is missing` : `${key} is ${quoted(text)}, not a number`;
  throw annotationError(path, problem, "Correct or remove the object.", where);
};

const objectOf = (value: unknown, index: number, path: string): VocObject => {
  const fields = fieldsOf(value);
  const name = textOf(fields.name);
  const where = `object ${index + 1}`;
  if (name === undefined)
    throw annotationError(path, "it has no name", "Add the name of its class.", where);
  const box = fieldsOf(fields.bndbox);
  const side = (key: string): number => numberOf(box, key, path, `${where} (${name})`);
  return {
    name,
    isDifficult: textOf(fields.difficult) === "1",
    xmin: side("xmin"),
    ymin: side("ymin"),
    xmax: side("xmax"),
    ymax: side("ymax"),
  };
};

const sizeOf = (value: unknown): VocFile["size"] => {
  const { width, height } = fieldsOf(value);
  const [w, h] = [Number(textOf(width)), Number(textOf(height))];
  return w > 0 && h > 0 ? { width: w, height: h } : undefined;
};

const parsed = (text: string, path: string): unknown => {
  try {
    return parser.parse(text);
  } catch (cause) {
    // Nested too deeply, or a name that the parser refuses.
    const reason = (cause as Error).message.replace(/\.$/, "");
    throw annotationError(path, `it is not read: ${reason}`, "Export it again.");
  }
};

/**
 * Parses the annotation of an image. Of XML's entities only the five predefined ones are known, and nothing is loaded.
 * @throws QpruneError with the line or the number of the object.
 */
export const parseVoc = (text: string, path: string): VocFile => {
  if (text.trim() === "")
    throw annotationError(path, "it is empty", "Export it again, or remove it from the list.");
  const declaration = DECLARATION.exec(text);
  if (declaration) {
    throw annotationError(
      path,
      "it declares a document type or entities, which are not read",
      "Remove the declaration.",
      lineOf(text, declaration.index),
    );
  }
  const validity = XMLValidator.validate(text);
  if (validity !== true) {
    const { msg, line } = validity.err;
    throw annotationError(
      path,
      `it is not XML: ${msg.replace(/\.$/, "")}`,
      "Export it again.",
      line,
    );
  }
  const root = fieldsOf(parsed(text, path)).annotation;
  if (root === undefined)
    throw annotationError(path, "it has no <annotation>", "Export it as Pascal VOC.");
  const { object = [], size, filename } = fieldsOf(root);
  const objects = Array.isArray(object) ? object : [];
  return {
    filename: textOf(filename),
    size: sizeOf(size),
    objects: objects.map((each, index) => objectOf(each, index, path)),
  };
};
