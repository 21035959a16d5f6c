/** Blocks start at multiples of this. */
const ALIGNMENT = 64;
/** The first bytes are free for what controls threads, and so that no block has the address 0. */
const TABLES = 1024;
const TABLE_BYTES = 16;
/** Then come the tables for signs. */
const START = TABLES + 256 * TABLE_BYTES;
/** Vectors may read beyond the end of a block. */
const SLACK = 64;

type Data = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array;

/** The blocks of a memory under construction. */
export interface Layout {
  /** The address of a block whose contents are written later. */
  readonly reserve: (bytes: number) => number;
  /** The address of a block with these contents; 0 for null. */
  readonly place: (data: Data | null) => number;
  readonly bytes: () => number;
  /** Writes the contents of all blocks, and the tables for signs. */
  readonly write: (buffer: ArrayBufferLike) => void;
}

/** The number of bits of 4. */
const COUNTS = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

/**
 * For every byte of 4 signs, with those that are present in its low 4 bits and the negative ones in its high bits, a table: how many
 * present ones are opposite to 4 others, for all choices of these (wasm/assembly/sign-tiles.ts).
 */
const writeTables = (memory: Uint8Array): void => {
  for (let at = 0; at < START - TABLES; at++) {
    const [negative, present, others] = [at >> 8, at >> 4, at];
    memory[TABLES + at] = COUNTS[present & (negative ^ others) & 15] as number;
  }
};

export const createLayout = (): Layout => {
  let next = START;
  const blocks: { readonly at: number; readonly data: Data }[] = [];
  const reserve = (bytes: number): number => {
    const at = next;
    next = Math.ceil((at + bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  return {
    reserve,
    place: (data) => {
      if (!data) return 0;
      const at = reserve(data.byteLength);
      blocks.push({ at, data });
      return at;
    },
    bytes: () => next,
    write: (buffer) => {
      const memory = new Uint8Array(buffer);
      writeTables(memory);
      for (const { at, data } of blocks)
        memory.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    },
  };
};
