/** Reads numbers and bytes in sequence, never past the end. */
export interface ByteCursor {
  readonly position: () => number;
  readonly u8: () => number;
  readonly u16: () => number;
  readonly u32: () => number;
  readonly i32: () => number;
  /** Big-endian, as in pickles. */
  readonly f64: () => number;
  /** A view of the next bytes. */
  readonly bytes: (count: number) => Uint8Array;
  /** ASCII up to the next line feed, which is consumed. */
  readonly line: (maxLength: number) => string;
}

export interface ByteCursorOptions {
  readonly start: number;
  /** The error for a read past the end. */
  readonly endError: () => Error;
  /** The error for a line that is too long. */
  readonly lineError: () => Error;
}

/** A cursor over `bytes`. */
export const byteCursor = (
  bytes: Uint8Array,
  { start, endError, lineError }: ByteCursorOptions,
): ByteCursor => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = start;
  const advance = (count: number): number => {
    if (count > bytes.length - position) throw endError();
    const from = position;
    position += count;
    return from;
  };
  return {
    position: () => position,
    u8: () => view.getUint8(advance(1)),
    u16: () => view.getUint16(advance(2), true),
    u32: () => view.getUint32(advance(4), true),
    i32: () => view.getInt32(advance(4), true),
    f64: () => view.getFloat64(advance(8), false),
    bytes: (count) => {
      const from = advance(count);
      return bytes.subarray(from, from + count);
    },
    line: (maxLength) => {
      const end = bytes.subarray(position, position + maxLength + 1).indexOf(0x0a);
      if (end < 0) throw lineError();
      const from = advance(end + 1);
      return String.fromCharCode(...bytes.subarray(from, from + end));
    },
  };
};
