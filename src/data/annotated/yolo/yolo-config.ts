import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { QpruneError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { checkClassNames } from "../class-list.js";
import { annotationError, readAnnotations } from "../read-annotations.js";

/** A description of a data set is a page of text. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

const places = z.union([z.string(), z.array(z.string())]).nullish();

/** The keys of Ultralytics' data.yaml that boxes need. */
const configSchema = z.object({
  path: z.string().nullish(),
  train: places,
  val: places,
  valid: places,
  test: places,
  nc: z.number().optional(),
  names: z.union([
    z.array(z.union([z.string(), z.number()]).transform(String)).min(1),
    z.record(z.string().regex(/^\d+$/), z.union([z.string(), z.number()]).transform(String)),
  ]),
});

/** What a data.yaml describes. */
export interface YoloConfig {
  readonly classNames: readonly string[];
  /** The folder from which the others are found. */
  readonly root: string | undefined;
  readonly places: Readonly<Record<"train" | "val" | "test", readonly string[]>>;
}

/** Aliases are not needed in such a file, and none are resolved. */
const NO_ALIASES = 0;

const firstLine = ({ message }: Error): string => (message.split("\n")[0] ?? "").replace(/\.$/, "");

const contentOf = (text: string, path: string): unknown => {
  const lineCounter = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false });
    const [error] = document.errors;
    if (!error) return document.toJS({ maxAliasCount: NO_ALIASES });
    const { line } = lineCounter.linePos(error.pos[0]);
    throw annotationError(path, `it is not YAML: ${firstLine(error)}`, "Correct the line.", line);
  } catch (cause) {
    if (cause instanceof QpruneError) throw cause;
    // Too many aliases, or nested too deeply for the parser.
    const reason = firstLine(cause as Error);
    throw annotationError(path, `it is not read: ${reason}`, "Write simple lists of values.");
  }
};

const namesOf = (names: z.infer<typeof configSchema>["names"], path: string): string[] => {
  if (Array.isArray(names)) return names;
  const count = Object.keys(names).length;
  return Array.from({ length: count }, (_, label) => {
    const name = names[String(label)];
    if (name !== undefined) return name;
    throw annotationError(
      path,
      `names has ${count} classes, but none with the number ${label}`,
      `Number the classes from 0 to ${count - 1}.`,
    );
  });
};

const listOf = (value: z.infer<typeof places>): readonly string[] =>
  typeof value === "string" ? [value] : (value ?? []);

/** Reads a data.yaml. @throws QpruneError with the file and, for invalid YAML, the line. */
export const readYoloConfig = async (path: string): Promise<YoloConfig> => {
  const text = await readAnnotations(path, MAX_CONFIG_BYTES);
  if (text.trim() === "")
    throw annotationError(path, "it is empty", 'List the classes under "names".');
  const result = configSchema.safeParse(contentOf(text, path));
  if (!result.success) {
    const problem = firstProblem(result.error, "the content");
    throw annotationError(path, problem, 'It needs the names of the classes under "names".');
  }
  const { names, nc, path: root, train, val, valid, test } = result.data;
  const classNames = namesOf(names, path);
  checkClassNames(classNames, path);
  if (nc !== undefined && nc !== classNames.length) {
    const problem = `nc is ${nc}, but names has ${classNames.length} classes`;
    throw annotationError(path, problem, "Correct one of them.");
  }
  return {
    classNames,
    root: root ?? undefined,
    places: { train: listOf(train), val: listOf(val ?? valid), test: listOf(test) },
  };
};
