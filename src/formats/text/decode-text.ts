/** What bytes are as a text, or why they are none. */
export type DecodedText =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "unreadable";
      /** What comes before the first byte that does not fit. */
      readonly before: string;
      /** Which encoding it looks like, as a sentence. */
      readonly reason: string;
    };

const UTF_16 = [
  { mark: [0xff, 0xfe], zeroAt: 1, name: "UTF-16LE", isSwapped: false },
  { mark: [0xfe, 0xff], zeroAt: 0, name: "UTF-16BE", isSwapped: true },
] as const;

const startsWith = (bytes: Buffer, start: readonly number[]): boolean =>
  start.every((byte, at) => bytes[at] === byte);

/** UTF-32 of either byte order, with or without a byte order mark. */
const isUtf32 = (bytes: Buffer): boolean =>
  startsWith(bytes, [0xff, 0xfe, 0, 0]) ||
  startsWith(bytes, [0, 0]) ||
  (bytes.length >= 4 && bytes[0] !== 0 && startsWith(bytes.subarray(1), [0, 0, 0]));

/** A half of a surrogate pair without its other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const decodeUtf16 = (bytes: Buffer, name: string, isSwapped: boolean): DecodedText => {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  const text = (isSwapped ? Buffer.from(whole).swap16() : whole).toString("utf16le");
  const lone = text.search(LONE_SURROGATE);
  if (lone < 0 && whole.length === bytes.length) return { kind: "text", text };
  const before = lone < 0 ? text : text.slice(0, lone);
  return { kind: "unreadable", before, reason: `it looks like ${name}, but is damaged here.` };
};

const isUtf8 = (bytes: Buffer): boolean => bytes.equals(Buffer.from(bytes.toString("utf8")));

/** Where the first byte lies that is not part of UTF-8. */
const firstWrong = (bytes: Buffer): number => {
  const read = Buffer.from(bytes.toString("utf8"));
  let at = bytes.findIndex((byte, index) => byte !== read[index]);
  if (at < 0) at = bytes.length;
  // The character that replaces a wrong byte may begin with that byte.
  while (!isUtf8(bytes.subarray(0, at))) at--;
  return at;
};

const HIGH_BYTES = /[\x80-\xff]+/g;
const PAIRS_OF_GBK = /^(?:[\xa1-\xf7][\xa1-\xfe])+$/;
/** Latin-1 has control characters there, Windows-1252 quotation marks and dashes. */
const ONLY_WINDOWS = /[\x80-\x9f]/;

/** The name of an encoding of one byte or two a character: a guess, for which single high bytes speak or pairs. */
const guessedName = (bytes: Buffer): string => {
  const latin = bytes.toString("latin1");
  const runs = latin.match(HIGH_BYTES) ?? [];
  if (runs.every((run) => PAIRS_OF_GBK.test(run))) return "GBK";
  return ONLY_WINDOWS.test(latin) ? "Windows-1252" : "Latin-1";
};

const decodeUtf8 = (bytes: Buffer): DecodedText => {
  if (isUtf8(bytes)) return { kind: "text", text: bytes.toString("utf8") };
  const at = firstWrong(bytes);
  const before = bytes.subarray(0, at).toString("utf8");
  // Other encodings would not have made whole characters of UTF-8 before it.
  const isDamaged = /[^\0-\x7f]/.test(before);
  const reason = isDamaged
    ? "a character of UTF-8 is damaged here."
    : `this is no UTF-8; it looks like ${guessedName(bytes)}.`;
  return { kind: "unreadable", before, reason };
};

/**
 * Reads a text in UTF-8 or UTF-16, with or without a byte order mark, which stays in the text. Without a mark the
 * zero byte of an ASCII character at the start gives UTF-16 away (YAML 1.2, section 5.2); recipes and JSON begin with one.
 */
export const decodeText = (bytes: Buffer): DecodedText => {
  if (isUtf32(bytes)) {
    return { kind: "unreadable", before: "", reason: "this is no UTF-8; it looks like UTF-32." };
  }
  const utf16 = UTF_16.find(({ mark, zeroAt }) => startsWith(bytes, mark) || bytes[zeroAt] === 0);
  return utf16 ? decodeUtf16(bytes, utf16.name, utf16.isSwapped) : decodeUtf8(bytes);
};
