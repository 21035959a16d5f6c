/** The position of a syntax error, counted from 1, and what was expected there. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

const TOKEN =
  /[{}[\]:,]|"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Expected instead of an unterminated string. */
const CLOSED_STRING = "a string that ends in a double quote on the same line";

/** The states of the parser, with what they expect in words. */
const EXPECTED = {
  value: "a value",
  "value or ]": "a value or ]",
  name: "a name in double quotes",
  "name or }": "a name in double quotes or }",
  colon: "a colon",
  "more or }": "a comma or }",
  "more or ]": "a comma or ]",
  end: "the end of the file",
} as const;
type State = keyof typeof EXPECTED;

const matchAt = (pattern: RegExp, text: string, offset: number): string => {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
};

const startsValue = (state: State): boolean => state === "value" || state === "value or ]";

/** The state after a value; `open` are the brackets around it. */
const afterValue = (open: readonly string[]): State => {
  if (open.length === 0) return "end";
  return open.at(-1) === "{" ? "more or }" : "more or ]";
};

/** The state after a token, or undefined if the token is not allowed; updates `open`. */
const step = (state: State, token: string, open: string[]): State | undefined => {
  if (token === "{" || token === "[") {
    if (!startsValue(state)) return undefined;
    open.push(token);
    return token === "{" ? "name or }" : "value or ]";
  }
  if (token === "}" || token === "]") {
    if (!state.endsWith(`or ${token}`)) return undefined;
    open.pop();
    return afterValue(open);
  }
  if (token === ":") return state === "colon" ? "value" : undefined;
  if (token === ",") {
    if (!state.startsWith("more")) return undefined;
    return open.at(-1) === "{" ? "name" : "value";
  }
  if (startsValue(state) && token !== "") return afterValue(open);
  return state.startsWith("name") && token.startsWith('"') ? "colon" : undefined;
};

const positionOf = (text: string, offset: number): Pick<JsonProblem, "line" | "column"> => {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
};

/** The first syntax error in a JSON text, or undefined. JavaScript engines report positions differently or not at all. */
export const jsonProblem = (text: string): JsonProblem | undefined => {
  const open: string[] = [];
  let state: State = "value";
  let offset = 0;
  for (;;) {
    offset += matchAt(SPACE, text, offset).length;
    if (state === "end" && offset === text.length) return undefined;
    const token = matchAt(TOKEN, text, offset);
    const next = step(state, token, open);
    if (next === undefined) {
      const isUnclosed = token === "" && text[offset] === '"';
      const expected = isUnclosed ? CLOSED_STRING : EXPECTED[state];
      return { ...positionOf(text, offset), expected };
    }
    state = next;
    offset += token.length;
  }
};
