/**
 * What remains in front of a convolution of a merged net where a norm could not go into a kernel: its
 * input x becomes activation(scale x - threshold), one number of each a channel.
 */
export interface InputAffine {
  readonly scale: Float32Array;
  readonly threshold: Float32Array;
}

/** One convolution of a merged net as plain numbers, the kernel in PyTorch's order [out, in / groups, kh, kw]. */
export interface MergedConv {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** Of DoReFa weights, one a filter: the kernel is the grid's value times it. Null for all others. */
  readonly kernelScale: Float32Array | null;
  readonly input: InputAffine | null;
}

export type MergedWeights = readonly MergedConv[];
