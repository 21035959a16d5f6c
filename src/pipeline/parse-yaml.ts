import { type Document, LineCounter, parseDocument, visit } from "yaml";
import { deepPlace } from "./deep-place.js";
import { MAX_ALIASES, MAX_DEPTH } from "./limits.js";
import { type RecipeProblem, refuseProblems } from "./recipe-problem.js";
import type { Where } from "./where.js";

/** A YAML text as a tree, and where its nodes stand. */
export interface YamlFile {
  readonly document: Document;
  /** Of a place in the text, in characters from its start. */
  readonly whereIs: (offset: number | undefined) => Where;
}

const IN_PLAIN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Unresolved tag: /, "unknown tag "],
  [/^Source contains multiple documents.*/, "a second document begins, but a recipe is one"],
];

const inPlainWords = (message: string): string => {
  const plain = IN_PLAIN_WORDS.reduce((text, [from, to]) => text.replace(from, to), message);
  return `${plain.replace(/\.$/, "")}.`;
};

/** Aliases past the limit: none is resolved before they are counted. */
const excessAlias = ({ document, whereIs }: YamlFile): RecipeProblem[] => {
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
 * @throws QpruneError (usage) with line and column for what is no YAML, keys that stand twice, unknown tags,
 *   deep nesting and too many aliases.
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
  const found = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    where: whereIs(pos[0]),
    message: inPlainWords(message),
  }));
  refuseProblems(path, found.length > 0 ? found : excessAlias({ document, whereIs }));
  return { document, whereIs };
};
