const ZIP_START = "PK\x03\x04";
const NAME_LENGTH_AT = 26;
const NAME_AT = 30;

/** The name of a zip archive's first entry, from the first bytes of the file; undefined if it is no archive. */
export const firstEntryName = (start: Uint8Array): string | undefined => {
  const text = (from: number, to: number) =>
    Buffer.from(start.subarray(from, to)).toString("latin1");
  if (text(0, ZIP_START.length) !== ZIP_START) return undefined;
  const length = (start[NAME_LENGTH_AT] ?? 0) + 256 * (start[NAME_LENGTH_AT + 1] ?? 0);
  return text(NAME_AT, NAME_AT + length);
};
