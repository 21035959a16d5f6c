import type { FileKind } from "./file-kind.js";

/** Control characters that occur in text. */
const LAYOUT = "\t\n\f\r";

const isBinary = (letter: string): boolean =>
  (letter < " " && !LAYOUT.includes(letter)) || letter === "\x7f";

const REPLACEMENT = "\ufffd";

/** Bytes of a character that the excerpt may have cut off at its end. */
const MAX_CUT_BYTES = 3;

const asText = (start: Uint8Array): string | undefined => {
  const isUtf16 =
    (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  const encoding = isUtf16 ? (start[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  const text = new TextDecoder(encoding).decode(start);
  const complete = text.slice(0, Math.max(text.length - MAX_CUT_BYTES, 1));
  return [...text].some(isBinary) || complete.includes(REPLACEMENT) ? undefined : text.trimStart();
};

const KINDS: readonly (readonly [pattern: RegExp, kind: FileKind])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec/,
    {
      what: "a Git LFS pointer to a file that was not fetched",
      hint: "Fetch the file itself: run git lfs pull in its repository.",
    },
  ],
  [
    /^(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b/is,
    {
      what: "an HTML page, perhaps the login or error page of a download",
      hint: "Open it in a browser to read it, then download the file itself.",
    },
  ],
  [
    /^<(\?xml|Error>)/i,
    {
      what: "an XML document, perhaps the error message of a download",
      hint: "Open it in an editor to read it, then download the file itself.",
    },
  ],
  [
    /^[[{]\s*("|\{|\[|\}|\]|-?\d)/,
    {
      what: "a JSON file",
      netHint: "Give the model file, not the description of a net.",
      netCode: "json-instead-of-net",
      isWritten: true,
    },
  ],
  [/^#!/, { what: "a script", isWritten: true }],
];

const OTHER: FileKind = {
  what: "a text file",
  netHint: "Give a model file.",
  isWritten: true,
};

/** The kind of a text by its first bytes; undefined for anything but UTF-8 and UTF-16 with a byte order mark. */
export const textKind = (start: Uint8Array): FileKind | undefined => {
  const text = asText(start);
  if (text === undefined) return undefined;
  return KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? OTHER;
};
