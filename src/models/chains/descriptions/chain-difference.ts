import type { ChainSpec, ConvSpec } from "../chain-spec.js";

/** A net's chain without its widths; a spec and a complete description both contain it. */
export interface Chain {
  readonly order: ChainSpec["order"];
  readonly norm: Pick<ChainSpec["norm"], "epsilon" | "minGamma">;
  readonly convs: readonly Omit<ConvSpec, "width">[];
}

const FIELDS = ["kernel", "pad", "groups", "shuffle", "isQuantized", "dropout"] as const;

const poolText = ({ pool }: Chain["convs"][number]): string =>
  pool ? `${pool.kind} ${pool.size}, stride ${pool.stride}, pad ${pool.pad}` : "none";

/** Everything that is compared, in order, as [name, value]. */
const facts = ({ order, norm, convs }: Chain): [string, unknown][] => [
  ["order", order],
  ["number of convolutions", convs.length],
  ["epsilon", norm.epsilon],
  ["minGamma", norm.minGamma],
  ...convs.flatMap((conv, index): [string, unknown][] => [
    ...FIELDS.map((field): [string, unknown] => [`${field} of convolution ${index}`, conv[field]]),
    [`pool of convolution ${index}`, poolText(conv)],
  ]),
];

/** Describes the first difference between two chains ("kernel of convolution 3 is 5, not 3"); undefined if there is none. */
export const chainDifference = (one: Chain, other: Chain): string | undefined => {
  const others = new Map(facts(other));
  const found = facts(one).find(([what, value]) => others.get(what) !== value);
  return found && `${found[0]} is ${found[1]}, not ${others.get(found[0])}`;
};
