/**
 * One convolution and its batch norm as plain numbers. The kernel lies in PyTorch's order
 * [out, in / groups, kh, kw]; the vectors have one number a channel of the norm.
 */
export interface ConvWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** Null for a norm without gamma and beta. */
  readonly affine: { readonly gamma: Float32Array; readonly beta: Float32Array } | null;
  readonly movingMean: Float32Array;
  readonly movingVariance: Float32Array;
  /** What ternary weights in a gap remember (-1, 0, 1), in the kernel's order; absent without a gap. */
  readonly codes?: Float32Array;
}

/** A net's numbers without an engine, one entry a convolution, as its spec lists them. */
export type NetWeights = readonly ConvWeights[];
