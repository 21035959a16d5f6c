import type { NetSpec } from "./spec.js";

/** PyTorch's names for a convolution and the batch norm behind it, as prefixes of a state dict. */
export interface StateNames {
  readonly conv: string;
  readonly norm: string;
}

/** Entries of the sequence that stand behind convolution `at`: norm and ReLU of the first, pools. */
const entriesBehind = ({ convs, order }: NetSpec, at: number): number => {
  const pool = convs[at]?.pool ? 1 : 0;
  if (at > 0) return pool;
  return (order === "conv-norm-activation" ? 1 : 2) + pool;
};

/**
 * The names that the original gives to a net's tensors: one sequence in which the first and the last
 * convolution and their norms count one each, a block counts one, and so does a pool behind it.
 * Example (nin): dorefa.0, dorefa.1; dorefa.2.conv, dorefa.2.bn; … dorefa.11, dorefa.12.
 * In nin_bn_conv a ReLU behind the first norm counts too, and the last norm stands in front of its
 * convolution: tnn_bin.0, tnn_bin.1; tnn_bin.3.conv, tnn_bin.3.bn; … tnn_bin.13, tnn_bin.12.
 */
export const stateNames = (spec: NetSpec): StateNames[] => {
  const { convs, sequence, order } = spec;
  let next = 0;
  return convs.map((_, at) => {
    const [here, after] = [`${sequence}.${next}`, `${sequence}.${next + 1}`];
    next += 1 + entriesBehind(spec, at);
    if (at === 0) return { conv: here, norm: after };
    if (at < convs.length - 1) return { conv: `${here}.conv`, norm: `${here}.bn` };
    return order === "conv-norm-activation"
      ? { conv: here, norm: after }
      : { conv: after, norm: here };
  });
};
