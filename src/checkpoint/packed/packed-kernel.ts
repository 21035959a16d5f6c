import type { PackedGrid } from "./packed-grid.js";

/** A kernel as a packed file holds it. */
export interface PackedKernel {
  readonly grid: PackedGrid;
  readonly bits: number;
  /** Fields of `bits` bits in the order of the weights (see packFields). */
  readonly codes: Uint8Array;
  /** One a filter; null where all are 1. */
  readonly scale: Float32Array | null;
}
