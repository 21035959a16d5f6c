/** Index of the quote that closes the string opened at `start`. */
const closingQuote = (json: string, start: number): number => {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
};

const skipSpaces = (json: string, start: number): number => {
  let at = start;
  while (json[at] === " " || json[at] === "\n" || json[at] === "\r" || json[at] === "\t") at++;
  return at;
};

/** What {@link jsonKeys} found. */
export interface JsonKeys {
  /** Keys of the outermost object as they stand in the text (JSON.parse moves those like "0" forward). */
  readonly outermost: readonly string[];
  /** A key that some object of the text has twice (JSON.parse silently drops the first). */
  readonly duplicate: string | undefined;
}

/** Lists the keys of a text that JSON.parse has accepted as an object. */
export const jsonKeys = (json: string): JsonKeys => {
  const open: Set<string>[] = [];
  let outermost = new Set<string>();
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") {
      open.push(new Set());
      if (open.length === 1) outermost = open[0] ?? outermost;
    } else if (character === "}") {
      open.pop();
    } else if (character === '"') {
      const end = closingQuote(json, at);
      // Of all the strings in valid JSON only a key is followed by a colon.
      if (json[skipSpaces(json, end + 1)] === ":") {
        const key = String(JSON.parse(json.slice(at, end + 1)));
        const keys = open.at(-1);
        if (keys?.has(key)) return { outermost: [...outermost], duplicate: key };
        keys?.add(key);
      }
      at = end;
    }
  }
  return { outermost: [...outermost], duplicate: undefined };
};
