import type { Tensor } from "../../tensor/tf.js";

/** What one convolution's ternary weights remember; null before the first constraint. */
export interface CodeMemory {
  /** The kernel's name. */
  readonly name: string;
  /** Of the kernel's shape, values -1, 0, 1. */
  codes: Tensor | null;
}
