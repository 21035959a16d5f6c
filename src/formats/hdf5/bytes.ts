import { MAX_PARTS, MAX_TEXT_BYTES } from "./limits.js";

/** Why bytes are not a valid HDF5 file, as the end of a sentence about the file. */
export class Hdf5Problem extends Error {}

/** The bytes of a file with what may still be read of it. Every access is checked. */
export interface Hdf5Bytes {
  readonly size: number;
  readonly u8: (at: number) => number;
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  /** An address or length of 8 bytes; undefined for the address of nothing. */
  readonly u64: (at: number) => number | undefined;
  /** A view of the bytes. */
  readonly part: (at: number, length: number) => Uint8Array;
  /** A text without its padding. */
  readonly text: (at: number, length: number) => string;
  /** Requires four characters that start a part. */
  readonly expect: (at: number, signature: string) => void;
  /** Counts a part. @throws Hdf5Problem after too many. */
  readonly count: () => void;
}

const UTF_8 = new TextDecoder("utf-8");

/** The address of nothing has all bits set. */
const NOTHING = 2n ** 64n - 1n;

export const hdf5Bytes = (bytes: Uint8Array): Hdf5Bytes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [parts, textBytes] = [0, 0];
  const check = (at: number, length: number): number => {
    if (Number.isSafeInteger(at) && at >= 0 && length >= 0 && at + length <= bytes.length)
      return at;
    throw new Hdf5Problem(`it refers to byte ${at + length} of ${bytes.length}`);
  };
  const part = (at: number, length: number): Uint8Array =>
    bytes.subarray(check(at, length), at + length);
  const text = (at: number, length: number): string => {
    const all = part(at, length);
    const end = all.indexOf(0);
    const own = end < 0 ? all : all.subarray(0, end);
    textBytes += own.length;
    if (textBytes > MAX_TEXT_BYTES)
      throw new Hdf5Problem(`it has more than ${MAX_TEXT_BYTES} bytes of text`);
    return UTF_8.decode(own);
  };
  return {
    size: bytes.length,
    u8: (at) => view.getUint8(check(at, 1)),
    u16: (at) => view.getUint16(check(at, 2), true),
    u32: (at) => view.getUint32(check(at, 4), true),
    u64: (at) => {
      const value = view.getBigUint64(check(at, 8), true);
      return value === NOTHING ? undefined : Number(value);
    },
    part,
    text,
    expect: (at, signature) => {
      const found = Buffer.from(part(at, signature.length)).toString("latin1");
      if (found !== signature) throw new Hdf5Problem(`it has no ${signature} at byte ${at}`);
    },
    count: () => {
      parts++;
      if (parts > MAX_PARTS) throw new Hdf5Problem(`it has more than ${MAX_PARTS} parts`);
    },
  };
};

/** An address that must be one. */
export const addressAt = ({ u64 }: Hdf5Bytes, at: number): number => {
  const address = u64(at);
  if (address === undefined) throw new Hdf5Problem(`it has no address at byte ${at}`);
  return address;
};
