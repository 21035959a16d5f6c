/** Bits of the weights of the layers of a net, and what they cost. */
export interface BitPlan {
  /** Of each layer, in the order of the net. */
  readonly bits: readonly number[];
  /** Of the kernels with their scales. */
  readonly bytes: number;
  /** Multiply-accumulate operations times the bits of weights and inputs, for one image. */
  readonly bitops: number;
  /** The predicted rise of the loss. */
  readonly predictedLoss: number;
}

/** A plan with its test on held-out images, whose weights are rounded to nearest. */
export interface TestedPlan extends BitPlan {
  readonly name: string;
  readonly loss: number;
  /** Percent. */
  readonly accuracy: number;
}

/** The bits that a net's layers get. */
export interface Allocation {
  readonly model: string;
  readonly arch: string;
  readonly layers: readonly { readonly name: string; readonly weights: number }[];
  /** The number of held-out images. */
  readonly images: number;
  readonly float: { readonly loss: number; readonly accuracy: number };
  readonly chosen: TestedPlan;
  /** All layers with the same bits. */
  readonly uniform: readonly TestedPlan[];
  /** The best plan of every size, from small to large, as predicted. */
  readonly tradeOff: readonly BitPlan[];
}
