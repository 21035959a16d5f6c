import type { FileKind } from "./file-kind.js";

/** The control characters of texts. */
const LAYOUT = "\t\n\f\r";

const isBinary = (letter: string): boolean =>
  (letter < " " && !LAYOUT.includes(letter)) || letter === "\x7f";

const REPLACEMENT = "\ufffd";

/** Bytes of a letter that the end of the excerpt may have cut off. */
const MOST_CUT = 3;

const asText = (start: Uint8Array): string | undefined => {
  const isUtf16 =
    (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  const encoding = isUtf16 ? (start[0] === 0xff ? "utf-16le" : "utf-16be") : "utf-8";
  const text = new TextDecoder(encoding).decode(start);
  const whole = text.slice(0, Math.max(text.length - MOST_CUT, 1));
  return [...text].some(isBinary) || whole.includes(REPLACEMENT) ? undefined : text.trimStart();
};

const KINDS: readonly (readonly [pattern: RegExp, kind: FileKind])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec/,
    {
      what: "a Git LFS pointer, which stands for a file that was not fetched",
      hint: "Fetch the file itself: git lfs pull, in the repository that it is in.",
    },
  ],
  [
    /^(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b/is,
    {
      what: "a page of HTML, perhaps the login or error page of a download",
      hint: "Open it in a browser to see what it says, then download the file itself.",
    },
  ],
  [
    /^<(\?xml|Error>)/i,
    {
      what: "an XML text, perhaps the error message of a download",
      hint: "Open it in an editor to see what it says, then download the file itself.",
    },
  ],
  [
    /^[[{]\s*("|\{|\[|\}|\]|-?\d)/,
    {
      what: "a JSON text",
      netHint: "Give the file of the weights; a description of a net goes to --arch.",
      isWritten: true,
    },
  ],
  [/^#!/, { what: "a script", isWritten: true }],
];

const OTHER: FileKind = {
  what: "a text",
  netHint: "Give the file of the weights; open it in an editor to see what it says.",
  isWritten: true,
};

/** What kind of text begins with these bytes; undefined for what is no text in UTF-8 or marked UTF-16. */
export const textKind = (start: Uint8Array): FileKind | undefined => {
  const text = asText(start);
  if (text === undefined) return undefined;
  return KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? OTHER;
};
