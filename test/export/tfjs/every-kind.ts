import type {
  ActivationQuantization,
  Quantization,
  WeightQuantization,
} from "../../../src/graph/quantizers.js";
import type { NetDescription } from "../../../src/models/chains/descriptions/chain-description.js";
import { quantizedWeights } from "../../models/quantizations.js";
import { type Case, MIXED, makeCase, specOf } from "./cases.js";

const straightThrough = "saturate";
const activations: readonly ActivationQuantization[] = [
  { kind: "float" },
  ...[1, 2, 8, 32].map((bits) => ({ kind: "dorefa", bits, scale: 0.5 }) as const),
  { kind: "binary", values: "sign", straightThrough },
  { kind: "binary", values: "zero-one", straightThrough },
  { kind: "ternary", straightThrough },
];
const weights: readonly WeightQuantization[] = [{ kind: "float" }, ...quantizedWeights];

/** Every kind of weights and every kind of activations, each at least once. */
const pairs: readonly Quantization[] = weights.map((each, at) => ({
  weights: each,
  activations: activations[at % activations.length] as ActivationQuantization,
}));

/** The same net with norms before convolutions, and with quantized first and last convolutions. */
const normFirst: NetDescription = {
  ...MIXED,
  name: "mixed_norm_first",
  order: "norm-activation-conv",
};
const allQuantized: NetDescription = {
  ...MIXED,
  name: "mixed_all",
  convs: MIXED.convs.map((conv) => ({ ...conv, isQuantized: true })),
};

/** A small net of every kind, in both orders, baked and merged. */
export const everyKind = (): Case[] =>
  [
    MIXED,
    normFirst,
    allQuantized,
    { ...allQuantized, name: "all_norm_first", order: normFirst.order },
  ]
    .flatMap((description) =>
      pairs.map((quantization) => ({ description: description as NetDescription, quantization })),
    )
    .flatMap(({ description, quantization }, at) => {
      const spec = specOf({ description, quantization, side: 12 });
      const name = `${description.name}-${at}`;
      return [
        makeCase(name, { spec, images: 4 }),
        makeCase(`${name}-merged`, { spec, form: "merged", images: 4 }),
      ];
    });
