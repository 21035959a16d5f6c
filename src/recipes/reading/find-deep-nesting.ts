import { type CST, Parser } from "yaml";
import { MAX_DEPTH } from "./limits.js";

const childrenOf = (token: CST.Token): (CST.Token | null | undefined)[] => {
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value]);
};

/**
 * The offset, in characters, at which a YAML text nests collections too deeply, or undefined.
 * Uses the library's tokenizer, which does not recurse; its composer would overflow the stack.
 */
export const findDeepNesting = (text: string): number | undefined => {
  for (const token of new Parser().parse(text)) {
    const root = token.type === "document" ? token.value : token;
    const open = root ? [{ token: root, depth: 0 }] : [];
    for (let next = open.pop(); next; next = open.pop()) {
      const { depth } = next;
      if (depth > MAX_DEPTH) return next.token.offset;
      for (const child of childrenOf(next.token)) {
        if (child) open.push({ token: child, depth: depth + 1 });
      }
    }
  }
  return undefined;
};
