import type { Tensor } from "../tensor/tf.js";

/** The state of Adam for a net: the number of steps, and the moments of its parameters, in their order. */
export interface AdamState {
  readonly step: number;
  readonly moments: readonly { readonly first: Tensor; readonly second: Tensor }[];
}
