import type { ChainSpec } from "./chain-spec.js";

/** PyTorch's names of a convolution and its batch norm, as prefixes in a state dict. */
export interface StateNames {
  readonly conv: string;
  readonly norm: string;
}

/** The number of entries after convolution `index` in the sequence: norm and ReLU of the first, pools. */
const entriesAfter = ({ convs, order }: ChainSpec, index: number): number => {
  const pool = convs[index]?.pool ? 1 : 0;
  if (index > 0) return pool;
  return (order === "conv-norm-activation" ? 1 : 2) + pool;
};

/**
 * The names of a net's tensors in the reference scripts: one sequence in which the first and the last convolution and their
 * norms are one entry each, a block is one entry, and so is a pool after it.
 * Example (nin): dorefa.0, dorefa.1; dorefa.2.conv, dorefa.2.bn; … dorefa.11, dorefa.12.
 * In nin_bn_conv the ReLU after the first norm is an entry, too, and the last norm precedes its convolution:
 * tnn_bin.0, tnn_bin.1; tnn_bin.3.conv, tnn_bin.3.bn; … tnn_bin.13, tnn_bin.12.
 */
export const stateNames = (spec: ChainSpec): StateNames[] => {
  const { convs, sequence, order } = spec;
  let next = 0;
  return convs.map((_, index) => {
    const [here, after] = [`${sequence}.${next}`, `${sequence}.${next + 1}`];
    next += 1 + entriesAfter(spec, index);
    if (index === 0) return { conv: here, norm: after };
    if (index < convs.length - 1) return { conv: `${here}.conv`, norm: `${here}.bn` };
    return order === "conv-norm-activation"
      ? { conv: here, norm: after }
      : { conv: after, norm: here };
  });
};
