import { type Document, isCollection, isScalar, visit, type YAMLError } from "yaml";

/** A syntax error in a YAML text. */
export interface SyntaxProblem {
  /** In characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

const OWN_LINES =
  'Put it on its own lines, indented further; text that contains ": " needs quotes.';

/** Messages of the YAML library, and what to print instead. */
const PLAIN_MESSAGES: readonly (readonly [RegExp, string, string?])[] = [
  [/^Tabs are not allowed.*/, "unexpected tab.", "Indent with spaces."],
  [
    /^All (mapping|sequence) items.*/,
    "this line is indented differently from the lines it belongs with.",
  ],
  [/^Nested mappings are not allowed.*/, "a map cannot start on the line of its key.", OWN_LINES],
  [/^Block collections are not allowed.*/, "a map or list cannot start here.", OWN_LINES],
  [/^Implicit (map )?keys need.*/, "a colon and a space are missing after this key."],
  [
    /^Plain value cannot start with .* (\S)$/,
    "unquoted text cannot start with $1.",
    "Put it in quotes.",
  ],
  [
    /^Invalid escape sequence (.*)/s,
    "$1 is not an escape sequence.",
    "In single quotes, \\ is an ordinary character.",
  ],
  [/^Unexpected .* token in YAML stream: "(.*)"$/s, "unexpected $1."],
  [/^Unexpected scalar at node end$/, "unexpected text after the value."],
  [/^Unexpected (\S+) in .*/, "unexpected $1."],
  [/^Unresolved tag: (?:tag:yaml.org,2002:)?(.*)/, "unknown tag $1.", "Recipes need no tags."],
  [
    /^Source contains multiple documents.*/,
    "a second document starts here, but a recipe is a single document.",
  ],
];

/** The offset of the innermost quote or bracket that is open at an offset of the text. */
const openingBefore = (document: Document, offset: number): number | undefined => {
  let opening: number | undefined;
  visit(document, {
    Node: (_, node) => {
      const isText = isScalar(node) && node.type?.startsWith("QUOTE");
      const [start, end] = node.range ?? [];
      if (!(isText || (isCollection(node) && node.flow))) return;
      if (start !== undefined && end !== undefined && start < offset && end >= offset)
        opening = start;
    },
  });
  return opening;
};

/** The problem of an unclosed quote or bracket, located where it opens: the library reports the end of the text. */
const unclosed = (
  { message, pos }: YAMLError,
  document: Document,
  text: string,
): SyntaxProblem | undefined => {
  const isBracket = /^Flow .* must be sufficiently indented and end with/.test(message);
  if (!isBracket && !/^Missing closing ["']quote/.test(message)) return undefined;
  const offset = openingBefore(document, pos[0]);
  if (offset === undefined) return undefined;
  const hint = isBracket
    ? "Close it; lines up to its end must be indented further than its key."
    : "Close it. Inside single quotes, write a quote twice; inside double quotes, put a \\ before it.";
  return { offset, message: `${text[offset]} is not closed.`, hint };
};

/** An error of the YAML library in plain words. */
export const syntaxProblem = (
  error: YAMLError,
  document: Document,
  text: string,
): SyntaxProblem => {
  const open = unclosed(error, document, text);
  if (open) return open;
  const { message, pos } = error;
  const [pattern, ours, hint] = PLAIN_MESSAGES.find(([each]) => each.test(message)) ?? [];
  const plain = pattern && ours ? message.replace(pattern, ours) : `${message}.`;
  return { offset: pos[0], message: plain, hint };
};
