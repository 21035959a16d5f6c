import type { KernelGrid } from "../../quant/numbers/grid-kernel.js";

/** How the codes of a grid are stored as bytes: byte = code - firstCode, value = byte scale + min. */
export interface ByteGrid {
  readonly firstCode: number;
  readonly scale: number;
  readonly min: number;
}

/**
 * The bytes of a grid, chosen so that the values which TensorFlow.js computes from them are the grid's.
 * Example: the codes -1, 0, 1 of a sign grid are the bytes 0, 1, 2, read as byte 1 - 1; the codes 0 to 3
 * of two-bit DoReFa are themselves, read as byte 2/3 - 1.
 */
export const byteGridOf = (grid: KernelGrid): ByteGrid =>
  grid.kind === "sign"
    ? { firstCode: -1, scale: 1, min: -1 }
    : { firstCode: 0, scale: 2 / (2 ** grid.bits - 1), min: -1 };
