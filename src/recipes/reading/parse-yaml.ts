import { type Document, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { type RecipeProblem, refuseProblems } from "../recipe-problem.js";
import type { Where } from "../where.js";
import { deepPlace } from "./deep-place.js";
import { MAX_ALIASES, MAX_DEPTH } from "./limits.js";
import { syntaxProblem } from "./syntax-problem.js";

/** A YAML text as a tree, and where its nodes stand. */
export interface YamlFile {
  readonly document: Document;
  /** Of a place in the text, in characters from its start. */
  readonly whereIs: (offset: number | undefined) => Where;
  /** What is wrong with it and does not hide the rest: unknown tags. */
  readonly problems: readonly RecipeProblem[];
}

/** Aliases past the limit: none is resolved before they are counted. */
const excessAlias = ({
  document,
  whereIs,
}: Pick<YamlFile, "document" | "whereIs">): RecipeProblem[] => {
  const offsets: (number | undefined)[] = [];
  visit(document, {
    Alias: (_, node) => {
      offsets.push(node.range?.[0]);
    },
  });
  if (offsets.length <= MAX_ALIASES) return [];
  const message = `${offsets.length} aliases stand in the file (at most ${MAX_ALIASES} are read).`;
  return [{ where: whereIs(offsets[MAX_ALIASES]), message, hint: "Write the values out." }];
};

/**
 * Parses a YAML text (version 1.2, without tags of its own).
 * @throws QpruneError (usage) with line and column for what is no YAML, deep nesting and too many aliases.
 */
export const parseYaml = (text: string, path: string): YamlFile => {
  const lineCounter = new LineCounter();
  // Filled once the text was parsed; before, the text tells.
  const whereIs = (offset = 0): Where => {
    const { line, col } = lineCounter.linePos(offset);
    return { kind: "file", line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const deep = deepPlace(text);
  if (deep !== undefined) {
    const lines = text.slice(0, deep).split("\n");
    const column = (lines.at(-1) ?? "").length + 1;
    const message = `more than ${MAX_DEPTH} collections stand in each other.`;
    refuseProblems(path, [{ where: { kind: "file", line: lines.length, column }, message }]);
  }
  // Keys that stand twice are told with what else is wrong.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  const problemOf = (error: YAMLError): RecipeProblem => {
    const { offset, ...said } = syntaxProblem(error, document, text);
    return { where: whereIs(offset), ...said };
  };
  // What a text seems to say behind an error is not what was meant.
  const [error] = document.errors;
  refuseProblems(path, error ? [problemOf(error)] : excessAlias({ document, whereIs }));
  return { document, whereIs, problems: document.warnings.map(problemOf) };
};
