import type { ConvSpec, NetSpec } from "./spec.js";

/** What makes a net's chain, apart from its widths; a spec and a complete description both have it. */
export interface Chain {
  readonly order: NetSpec["order"];
  readonly norm: Pick<NetSpec["norm"], "epsilon" | "minGamma">;
  readonly convs: readonly Omit<ConvSpec, "width">[];
}

const FIELDS = ["kernel", "pad", "groups", "shuffle", "isQuantized", "dropout"] as const;

const poolText = ({ pool }: Chain["convs"][number]): string =>
  pool ? `${pool.kind} ${pool.size}, stride ${pool.stride}, pad ${pool.pad}` : "none";

/** Everything that is compared, in order, as [what, value]. */
const facts = ({ order, norm, convs }: Chain): [string, unknown][] => [
  ["order", order],
  ["number of convolutions", convs.length],
  ["epsilon", norm.epsilon],
  ["minGamma", norm.minGamma],
  ...convs.flatMap((conv, at): [string, unknown][] => [
    ...FIELDS.map((field): [string, unknown] => [`${field} of convolution ${at}`, conv[field]]),
    [`pool of convolution ${at}`, poolText(conv)],
  ]),
];

/** The first difference between two chains in words ("kernel of convolution 3 is 5, not 3"), or undefined. */
export const chainDifference = (one: Chain, other: Chain): string | undefined => {
  const others = new Map(facts(other));
  const found = facts(one).find(([what, value]) => others.get(what) !== value);
  return found && `${found[0]} is ${found[1]}, not ${others.get(found[0])}`;
};
