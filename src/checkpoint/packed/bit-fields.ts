const BITS_PER_BYTE = 8;

/** Bytes that `count` fields of `bits` bits take. */
export const fieldBytes = (count: number, bits: number): number =>
  Math.ceil((count * bits) / BITS_PER_BYTE);

/**
 * Packs integers from 0 to 2^bits - 1 into consecutive fields of `bits` bits (1 to 8), lowest bit first. The first
 * field takes the lowest bits of the first byte, and a field may extend into the next byte. Bits after the last
 * field are 0.
 * Example: the fields 5 6 7 of 3 bits are the bytes 0b11_110_101 0b0000000_1.
 */
export const packFields = (fields: ArrayLike<number>, bits: number): Uint8Array => {
  const bytes = new Uint8Array(fieldBytes(fields.length, bits));
  for (let index = 0; index < fields.length; index++) {
    const bit = index * bits;
    const byte = Math.floor(bit / BITS_PER_BYTE);
    const shifted = (fields[index] as number) << (bit % BITS_PER_BYTE);
    bytes[byte] = (bytes[byte] as number) | shifted;
    // Writing past the end has no effect; it happens only if the last field fits into its byte.
    bytes[byte + 1] = (bytes[byte + 1] ?? 0) | (shifted >> BITS_PER_BYTE);
  }
  return bytes;
};

/** Field `at` of packed fields. */
export const fieldAt = (bytes: Uint8Array, bits: number, index: number): number => {
  if (bits === BITS_PER_BYTE) return bytes[index] as number;
  const bit = index * bits;
  const byte = Math.floor(bit / BITS_PER_BYTE);
  const pair = (bytes[byte] as number) | ((bytes[byte + 1] ?? 0) << BITS_PER_BYTE);
  return (pair >> (bit % BITS_PER_BYTE)) & (2 ** bits - 1);
};

/** Whether the bits after the last of `count` fields are 0. */
export const isPaddedWithZeros = (bytes: Uint8Array, bits: number, count: number): boolean => {
  const used = (count * bits) % BITS_PER_BYTE;
  return used === 0 || (bytes.at(-1) as number) >> used === 0;
};
