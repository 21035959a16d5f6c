/**
 * One convolution and its batch norm as plain numbers. The kernel is in PyTorch's order [out, in / groups, kh, kw]; the
 * vectors have one number per channel of the norm.
 */
export interface ConvWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** Null for a norm without gamma and beta. */
  readonly affine: { readonly gamma: Float32Array; readonly beta: Float32Array } | null;
  readonly movingMean: Float32Array;
  readonly movingVariance: Float32Array;
  /** The last codes (-1, 0, 1) of ternary weights with a hysteresis band, in the kernel's order; absent without a band. */
  readonly codes?: Float32Array;
}

/** The numbers of a net without an engine, one entry per convolution, in the order of its spec. */
export type NetWeights = readonly ConvWeights[];
