import type { Tensor } from "../tensor/tf.js";

/** A tensor that training changes or a state dict contains, under PyTorch's name. */
export interface StateTensor {
  readonly name: string;
  /** Kernels are [kh, kw, cIn / groups, cOut] here and OIHW on disk; matrices are [in, out] here and [out, in] on disk. */
  readonly layout: "kernel" | "matrix" | "vector";
  value: Tensor;
}

/** A trained tensor. The backward pass stores its `gradient` for the optimizer. */
export interface Parameter extends StateTensor {
  readonly role: "weight" | "bias" | "gamma" | "beta" | "slope" | "range" | "scale" | "threshold";
  gradient: Tensor | null;
  /** Factor of the learning rate. */
  readonly rateFactor: number;
  /** Whether training leaves it as it is. */
  readonly isFrozen: boolean;
  /** Whether the optimizer's weight decay applies to it. */
  readonly isDecayed: boolean;
}

/**
 * Parts of a net that weight decay may leave out: gammas and betas, and the scales and thresholds of affine layers; biases
 * and slopes; and the kernels of layers whose weights are quantized to two or three values.
 */
export const decayParts = ["norms", "biases", "latent"] as const;
export type DecayPart = (typeof decayParts)[number];

export const parameter = (
  name: string,
  role: Parameter["role"],
  value: Tensor,
  {
    layout = role === "weight" ? "kernel" : "vector",
    rateFactor = 1,
    isFrozen = false,
    isDecayed = true,
  }: Partial<Pick<Parameter, "layout" | "rateFactor" | "isFrozen" | "isDecayed">> = {},
): Parameter => ({
  name,
  role,
  layout,
  value,
  rateFactor,
  isFrozen,
  isDecayed,
  gradient: null,
});

/** Replaces a tensor and frees the old one. */
export const replaceValue = (state: StateTensor, value: Tensor): void => {
  state.value.dispose();
  state.value = value;
};
