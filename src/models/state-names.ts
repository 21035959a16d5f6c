import type { NetSpec } from "./spec.js";

/** PyTorch's names for a convolution and the batch norm behind it, as prefixes of a state dict. */
export interface StateNames {
  readonly conv: string;
  readonly norm: string;
}

/**
 * The names that the original gives to a net's tensors: one sequence in which the first and the last
 * convolution and their norms count one each, a block counts one, and so does a pool behind it.
 * Example (nin): dorefa.0, dorefa.1; dorefa.2.conv, dorefa.2.bn; … dorefa.11, dorefa.12.
 */
export const stateNames = ({ convs, sequence }: NetSpec): StateNames[] => {
  let next = 0;
  return convs.map((conv, at) => {
    const start = `${sequence}.${next}`;
    const isPlain = at === 0 || at === convs.length - 1;
    const names = isPlain
      ? { conv: start, norm: `${sequence}.${next + 1}` }
      : { conv: `${start}.conv`, norm: `${start}.bn` };
    next += (isPlain ? 2 : 1) + (conv.pool ? 1 : 0);
    return names;
  });
};
