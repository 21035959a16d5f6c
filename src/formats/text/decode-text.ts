/** Decoded text, or why the bytes cannot be decoded. */
export type DecodedText =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "unreadable";
      /** The text before the first invalid byte. */
      readonly before: string;
      /** The encoding that it looks like, as a sentence. */
      readonly reason: string;
    };

const UTF_16 = [
  { mark: [0xff, 0xfe], zeroAt: 1, name: "UTF-16LE", isSwapped: false },
  { mark: [0xfe, 0xff], zeroAt: 0, name: "UTF-16BE", isSwapped: true },
] as const;

const startsWith = (bytes: Buffer, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/** UTF-32 of either byte order, with or without a byte order mark. */
const isUtf32 = (bytes: Buffer): boolean =>
  startsWith(bytes, [0xff, 0xfe, 0, 0]) ||
  startsWith(bytes, [0, 0]) ||
  (bytes.length >= 4 && bytes[0] !== 0 && startsWith(bytes.subarray(1), [0, 0, 0]));

/** Half of a surrogate pair without the other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const decodeUtf16 = (bytes: Buffer, name: string, isSwapped: boolean): DecodedText => {
  const complete = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const text = (isSwapped ? Buffer.from(complete).swap16() : complete).toString("utf16le");
  const lone = text.search(LONE_SURROGATE);
  if (lone < 0 && complete.length === bytes.length) return { kind: "text", text };
  const before = lone < 0 ? text : text.slice(0, lone);
  return { kind: "unreadable", before, reason: `it looks like ${name}, but is damaged here.` };
};

const isUtf8 = (bytes: Buffer): boolean => bytes.equals(Buffer.from(bytes.toString("utf8")));

/** Index of the first byte that is not valid UTF-8. */
const firstInvalid = (bytes: Buffer): number => {
  const reencoded = Buffer.from(bytes.toString("utf8"));
  let position = bytes.findIndex((byte, index) => byte !== reencoded[index]);
  if (position < 0) position = bytes.length;
  // The replacement character may begin with the same byte as the invalid sequence.
  while (!isUtf8(bytes.subarray(0, position))) position--;
  return position;
};

const HIGH_BYTES = /[\x80-\xff]+/g;
const PAIRS_OF_GBK = /^(?:[\xa1-\xf7][\xa1-\xfe])+$/;
/** Control characters in Latin-1; quotation marks and dashes in Windows-1252. */
const ONLY_WINDOWS = /[\x80-\x9f]/;

/** Guesses a one- or two-byte encoding by whether high bytes come in pairs. */
const guessedName = (bytes: Buffer): string => {
  const latin = bytes.toString("latin1");
  const runs = latin.match(HIGH_BYTES) ?? [];
  if (runs.every((run) => PAIRS_OF_GBK.test(run))) return "GBK";
  return ONLY_WINDOWS.test(latin) ? "Windows-1252" : "Latin-1";
};

const decodeUtf8 = (bytes: Buffer): DecodedText => {
  if (isUtf8(bytes)) return { kind: "text", text: bytes.toString("utf8") };
  const position = firstInvalid(bytes);
  const before = bytes.subarray(0, position).toString("utf8");
  // In another encoding, the bytes before it would hardly be valid multi-byte UTF-8.
  const isDamaged = /[^\0-\x7f]/.test(before);
  const reason = isDamaged
    ? "a UTF-8 character is damaged here."
    : `this is not UTF-8; it looks like ${guessedName(bytes)}.`;
  return { kind: "unreadable", before, reason };
};

/**
 * Decodes UTF-8 or UTF-16 with or without a byte order mark, which stays in the text. Without a mark, UTF-16 is
 * recognized by the zero byte of a leading ASCII character (YAML 1.2, section 5.2); recipes and JSON begin with one.
 */
export const decodeText = (bytes: Buffer): DecodedText => {
  if (isUtf32(bytes)) {
    return { kind: "unreadable", before: "", reason: "this is not UTF-8; it looks like UTF-32." };
  }
  const utf16 = UTF_16.find(({ mark, zeroAt }) => startsWith(bytes, mark) || bytes[zeroAt] === 0);
  return utf16 ? decodeUtf16(bytes, utf16.name, utf16.isSwapped) : decodeUtf8(bytes);
};
