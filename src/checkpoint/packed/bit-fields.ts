const BITS_PER_BYTE = 8;

/** Bytes that `count` fields of `bits` bits take. */
export const fieldBytes = (count: number, bits: number): number =>
  Math.ceil((count * bits) / BITS_PER_BYTE);

/**
 * Packs whole numbers from 0 to 2^bits - 1 into fields of `bits` bits (1 to 8), one behind the other, each
 * from its lowest bit on; the first one takes the lowest bits of the first byte, and a field may reach into
 * the next byte. The bits behind the last field are 0.
 * Example: the fields 5 6 7 of 3 bits are the bytes 0b11_110_101 0b0000000_1.
 */
export const packFields = (fields: ArrayLike<number>, bits: number): Uint8Array => {
  const bytes = new Uint8Array(fieldBytes(fields.length, bits));
  for (let at = 0; at < fields.length; at++) {
    const bit = at * bits;
    const byte = Math.floor(bit / BITS_PER_BYTE);
    const shifted = (fields[at] as number) << (bit % BITS_PER_BYTE);
    bytes[byte] = (bytes[byte] as number) | shifted;
    // A write past the end is a field that fits into its byte: it has nothing left to write.
    bytes[byte + 1] = (bytes[byte + 1] ?? 0) | (shifted >> BITS_PER_BYTE);
  }
  return bytes;
};

/** Field `at` of packed fields. */
export const fieldAt = (bytes: Uint8Array, bits: number, at: number): number => {
  const bit = at * bits;
  const byte = Math.floor(bit / BITS_PER_BYTE);
  const pair = (bytes[byte] as number) | ((bytes[byte + 1] ?? 0) << BITS_PER_BYTE);
  return (pair >> (bit % BITS_PER_BYTE)) & (2 ** bits - 1);
};

/** Whether the bits behind the last of `count` fields are 0. */
export const isPaddedWithZeros = (bytes: Uint8Array, bits: number, count: number): boolean => {
  const used = (count * bits) % BITS_PER_BYTE;
  return used === 0 || (bytes.at(-1) as number) >> used === 0;
};
