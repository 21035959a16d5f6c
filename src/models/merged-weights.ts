/**
 * What remains before a convolution of a merged net if its norm cannot be folded into a kernel: the input x becomes
 * activation(scale x - threshold), with one scale and one threshold per channel.
 */
export interface InputAffine {
  readonly scale: Float32Array;
  readonly threshold: Float32Array;
}

/** One convolution of a merged net as plain numbers, the kernel in PyTorch's order [out, in / groups, kh, kw]. */
export interface MergedConv {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** One scale per filter for DoReFa weights, which are grid values times the scale; null for all others. */
  readonly kernelScale: Float32Array | null;
  readonly input: InputAffine | null;
}

export type MergedWeights = readonly MergedConv[];
