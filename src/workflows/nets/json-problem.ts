/** Where a text stops being JSON, counted from 1, and what could have stood there. */
export interface JsonProblem {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

const TOKEN =
  /[{}[\]:,]|"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** What an opened text lacks where it is no token. */
const CLOSED_TEXT = "a text that ends in a double quote on its own line";

/** The states of the grammar, each with its words. */
const EXPECTED = {
  value: "a value",
  "value or ]": "a value or ]",
  name: "a name in double quotes",
  "name or }": "a name in double quotes or }",
  colon: "a colon",
  "more or }": "a comma or }",
  "more or ]": "a comma or ]",
  end: "nothing more",
} as const;
type State = keyof typeof EXPECTED;

const matchAt = (pattern: RegExp, text: string, at: number): string => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
};

const startsValue = (state: State): boolean => state === "value" || state === "value or ]";

/** What may follow a value, by the bracket that is open around it. */
const behindValue = (open: readonly string[]): State => {
  if (open.length === 0) return "end";
  return open.at(-1) === "{" ? "more or }" : "more or ]";
};

/** The state behind a token, or undefined where the token may not stand; `open` is kept up to date. */
const step = (state: State, token: string, open: string[]): State | undefined => {
  if (token === "{" || token === "[") {
    if (!startsValue(state)) return undefined;
    open.push(token);
    return token === "{" ? "name or }" : "value or ]";
  }
  if (token === "}" || token === "]") {
    if (!state.endsWith(`or ${token}`)) return undefined;
    open.pop();
    return behindValue(open);
  }
  if (token === ":") return state === "colon" ? "value" : undefined;
  if (token === ",") {
    if (!state.startsWith("more")) return undefined;
    return open.at(-1) === "{" ? "name" : "value";
  }
  if (startsValue(state) && token !== "") return behindValue(open);
  return state.startsWith("name") && token.startsWith('"') ? "colon" : undefined;
};

const placeOf = (text: string, at: number): Pick<JsonProblem, "line" | "column"> => {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
};

/** The first place where a text is not JSON, or undefined where it is. Engines do not agree on telling it. */
export const jsonProblem = (text: string): JsonProblem | undefined => {
  const open: string[] = [];
  let state: State = "value";
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, text, at).length;
    if (state === "end" && at === text.length) return undefined;
    const token = matchAt(TOKEN, text, at);
    const next = step(state, token, open);
    if (next === undefined) {
      const isUnclosed = token === "" && text[at] === '"';
      return { ...placeOf(text, at), expected: isUnclosed ? CLOSED_TEXT : EXPECTED[state] };
    }
    state = next;
    at += token.length;
  }
};
