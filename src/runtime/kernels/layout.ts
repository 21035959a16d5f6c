/** Blocks start at multiples of this. */
const ALIGNMENT = 64;
/** The first bytes stay free, so that no block has the address 0. */
const START = 1024;
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
  /** Writes the contents of all blocks. */
  readonly write: (buffer: ArrayBufferLike) => void;
}

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
      for (const { at, data } of blocks)
        memory.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    },
  };
};
