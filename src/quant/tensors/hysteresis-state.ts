import type { Tensor } from "../../tensor/tf.js";

/** The last codes of one convolution's ternary weights with a hysteresis band. */
export interface HysteresisState {
  /** The kernel's name. */
  readonly name: string;
  /** [kh, kw, cIn / groups, cOut], values -1, 0, 1; null before the constraints are first applied. */
  codes: Tensor | null;
}
