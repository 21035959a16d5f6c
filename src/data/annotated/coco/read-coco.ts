import { constants } from "node:buffer";
import { firstProblem } from "../../../base/first-problem.js";
import { quoted } from "../../../base/visible-text.js";
import { annotationError, readAnnotations } from "../read-annotations.js";
import { type CocoEntry, type CocoList, cocoSchemas, ENTRY_NAMES } from "./coco-schema.js";

/** JSON is parsed as one string. The largest of COCO's own files, instances_train2017.json, has 448 MB. */
const MAX_JSON_BYTES = constants.MAX_STRING_LENGTH;

/** What a COCO file contains, checked. */
export interface CocoFile {
  readonly images: readonly CocoEntry<"images">[];
  readonly annotations: readonly CocoEntry<"annotations">[];
  /** In the order of their identifiers. */
  readonly categories: readonly CocoEntry<"categories">[];
}

/** Python writes these values, which JSON does not have. */
const NOT_A_NUMBER = /[[:,]\s*(NaN|-?Infinity)\b/;

const parsed = (text: string, path: string): unknown => {
  if (text.trim() === "")
    throw annotationError(path, "it is empty", "Export the annotations again.");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const found = NOT_A_NUMBER.exec(text);
    if (found) {
      const line = text.slice(0, found.index + found[0].length).split("\n").length;
      throw annotationError(path, `${found[1]} is not a number`, "Correct the value.", line);
    }
    const reason = (cause as Error).message.replace(/\.$/, "");
    throw annotationError(path, `it is not JSON: ${reason}`, "Export the annotations again.");
  }
};

/** A list of a file; each entry is checked and has an identifier of its own. */
const readList = <L extends CocoList>(file: object, list: L, path: string): CocoEntry<L>[] => {
  const entries: unknown = Reflect.get(file, list);
  if (!Array.isArray(entries)) {
    throw annotationError(
      path,
      `it has no list ${quoted(list)}`,
      'COCO files for boxes contain "images", "annotations" and "categories".',
    );
  }
  const seen = new Set<unknown>();
  return entries.map((entry: unknown, index) => {
    const result = cocoSchemas[list].safeParse(entry);
    const id: unknown = typeof entry === "object" && entry !== null && Reflect.get(entry, "id");
    const isNamed = typeof id === "number" || typeof id === "string";
    const where = `${ENTRY_NAMES[list]} ${isNamed ? id : `no. ${index + 1} of ${entries.length}`}`;
    if (!result.success) {
      const problem = firstProblem(result.error, "the entry");
      throw annotationError(path, problem, "Correct or remove the entry.", where);
    }
    if (seen.has(id)) {
      const problem = "its id is used twice";
      throw annotationError(path, problem, "Give every entry an id of its own.", where);
    }
    seen.add(id);
    return result.data as CocoEntry<L>;
  });
};

const checkNames = (
  entries: readonly { readonly id: unknown; readonly name: string }[],
  kind: CocoList,
  path: string,
): void => {
  const seen = new Set<string>();
  for (const { id, name } of entries) {
    if (seen.has(name)) {
      throw annotationError(
        path,
        `its name ${quoted(name)} is used twice`,
        "Give every entry a name of its own.",
        `${ENTRY_NAMES[kind]} ${id}`,
      );
    }
    seen.add(name);
  }
};

const checkReferences = ({ images, annotations, categories }: CocoFile, path: string): void => {
  const known = {
    image_id: new Set(images.map(({ id }) => id)),
    category_id: new Set(categories.map(({ id }) => id)),
  };
  for (const annotation of annotations) {
    for (const key of ["image_id", "category_id"] as const) {
      if (known[key].has(annotation[key])) continue;
      const list = key === "image_id" ? "images" : "categories";
      throw annotationError(
        path,
        `${key} ${annotation[key]} is not in the list of ${list}`,
        `Add it to the list, or remove the annotation.`,
        `annotation ${annotation.id}`,
      );
    }
  }
};

const byId = (a: { readonly id: string | number }, b: { readonly id: string | number }): number =>
  typeof a.id === "number" && typeof b.id === "number" ? a.id - b.id : 0;

/**
 * Reads a COCO file. Entries have to be complete, identifiers unique, and references known.
 * @throws QpruneError that names the file and the entry.
 */
export const readCoco = async (path: string): Promise<CocoFile> => {
  const file = parsed(await readAnnotations(path, MAX_JSON_BYTES), path);
  if (typeof file !== "object" || file === null) {
    throw annotationError(path, "it is not a JSON object", "Export the annotations again.");
  }
  const content = {
    images: readList(file, "images", path),
    annotations: readList(file, "annotations", path),
    categories: readList(file, "categories", path).sort(byId),
  };
  if (content.categories.length === 0)
    throw annotationError(path, "it has no categories", "Export the annotations again.");
  if (content.images.length === 0)
    throw annotationError(path, "it has no images", "Export the annotations again.");
  checkNames(
    content.images.map(({ id, file_name: name }) => ({ id, name })),
    "images",
    path,
  );
  checkNames(content.categories, "categories", path);
  checkReferences(content, path);
  return content;
};
