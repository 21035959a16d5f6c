/** A byte, Latin-1 text, or bytes. */
export type PicklePart = number | string | Uint8Array;

/** A pickle of protocol 2 from its parts: numbers are bytes, strings are Latin-1. PROTO and STOP are added. */
export const pickleBytes = (...parts: readonly PicklePart[]): Uint8Array =>
  new Uint8Array(Buffer.concat([join(0x80, 2), join(...parts), join(".")]));

/** Joins parts without adding PROTO and STOP. */
export const join = (...parts: readonly PicklePart[]): Buffer =>
  Buffer.concat(
    parts.map((part) => {
      if (typeof part === "number") return Buffer.from([part]);
      return typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part);
    }),
  );

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A string as BINUNICODE. */
export const text = (value: string): Buffer => {
  const utf8 = Buffer.from(value);
  return join("X", uint32(utf8.length), utf8);
};
