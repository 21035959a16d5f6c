import { type Document, isCollection, isScalar, visit, type YAMLError } from "yaml";

/** What is wrong with a YAML text, and where, in characters from its start. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

const OWN_LINES =
  'Put it on lines of its own, further indented; a text with ": " in it needs quotes.';

/** The words of the YAML library, and ours. */
const IN_PLAIN_WORDS: readonly (readonly [RegExp, string, string?])[] = [
  [/^Tabs are not allowed.*/, "a tab stands here.", "Indent by spaces."],
  [
    /^All (mapping|sequence) items.*/,
    "this line begins in another column than those it belongs to.",
  ],
  [/^Nested mappings are not allowed.*/, "a map cannot begin here, behind its key.", OWN_LINES],
  [/^Block collections are not allowed.*/, "a map or list cannot begin here.", OWN_LINES],
  [/^Implicit (map )?keys need.*/, "behind this key a colon and a space are missing."],
  [/^Plain value cannot start with .* (\S)$/, "a text cannot begin with $1.", "Put it in quotes."],
  [
    /^Invalid escape sequence (.*)/s,
    "$1 means nothing within double quotes.",
    "Within single quotes \\ is a plain letter.",
  ],
  [/^Unexpected .* token in YAML stream: "(.*)"$/s, "$1 does not belong here."],
  [/^Unexpected scalar at node end$/, "this does not belong behind what stands before it."],
  [/^Unexpected (\S+) in .*/, "$1 does not belong here."],
  [/^Unresolved tag: (?:tag:yaml.org,2002:)?(.*)/, "unknown tag $1.", "A recipe needs no tags."],
  [/^Source contains multiple documents.*/, "a second document begins, but a recipe is one."],
];

/** Where the last of the quotes or brackets opens that go on to a place of the text. */
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

/** A quote or bracket without its other half is told where it opens: it ends only with the text. */
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
    ? "Close it; lines up to its end stand further to the right than its key."
    : "Close it; a quote within it is written twice, or with a \\ before it within double quotes.";
  return { offset, message: `${text[offset]} is not closed.`, hint };
};

/** What the YAML library found wrong, in plain words. */
export const syntaxProblem = (
  error: YAMLError,
  document: Document,
  text: string,
): SyntaxProblem => {
  const open = unclosed(error, document, text);
  if (open) return open;
  const { message, pos } = error;
  const [pattern, words, hint] = IN_PLAIN_WORDS.find(([each]) => each.test(message)) ?? [];
  const plain = pattern && words ? message.replace(pattern, words) : `${message}.`;
  return { offset: pos[0], message: plain, hint };
};
