import { type Document, LineCounter, parseDocument, visit, type YAMLError } from "yaml";
import { type RecipeProblem, refuseProblems } from "../recipe-problem.js";
import type { SourceLocation } from "../source-location.js";
import { findDeepNesting } from "./find-deep-nesting.js";
import { MAX_ALIASES, MAX_DEPTH } from "./limits.js";
import { syntaxProblem } from "./syntax-problem.js";

/** A parsed YAML text with the locations of its nodes. */
export interface YamlFile {
  readonly document: Document;
  /** The location of an offset in characters. */
  readonly locationAt: (offset: number | undefined) => SourceLocation;
  /** Problems that leave the rest of the text readable: unknown tags. */
  readonly problems: readonly RecipeProblem[];
}

/** A problem at the first alias past the limit. Aliases are counted before any is resolved. */
const tooManyAliases = ({
  document,
  locationAt,
}: Pick<YamlFile, "document" | "locationAt">): RecipeProblem[] => {
  const offsets: (number | undefined)[] = [];
  visit(document, {
    Alias: (_, node) => {
      offsets.push(node.range?.[0]);
    },
  });
  if (offsets.length <= MAX_ALIASES) return [];
  const message = `the recipe has ${offsets.length} aliases, more than the limit of ${MAX_ALIASES}.`;
  return [{ location: locationAt(offsets[MAX_ALIASES]), message, hint: "Write the values out." }];
};

/**
 * Parses a YAML text (version 1.2, without custom tags).
 * @throws QpruneError (usage) with line and column for invalid YAML, deep nesting and too many aliases.
 */
export const parseYaml = (text: string, path: string): YamlFile => {
  const lineCounter = new LineCounter();
  // The counter is filled by parseDocument; errors before that compute their own location.
  const locationAt = (offset = 0): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset);
    return { kind: "file", line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const deep = findDeepNesting(text);
  if (deep !== undefined) {
    const lines = text.slice(0, deep).split("\n");
    const column = (lines.at(-1) ?? "").length + 1;
    const message = `collections are nested more than ${MAX_DEPTH} levels deep.`;
    refuseProblems(path, [{ location: { kind: "file", line: lines.length, column }, message }]);
  }
  // Duplicate keys are reported together with other problems.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  const problemOf = (error: YAMLError): RecipeProblem => {
    const { offset, ...problem } = syntaxProblem(error, document, text);
    return { location: locationAt(offset), ...problem };
  };
  // Only the first error is reported: those after it usually follow from it.
  const [error] = document.errors;
  refuseProblems(path, error ? [problemOf(error)] : tooManyAliases({ document, locationAt }));
  return { document, locationAt, problems: document.warnings.map(problemOf) };
};
