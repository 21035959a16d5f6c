import fc from "fast-check";
import { QpruneError } from "../../src/base/errors.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import type { NetDescription } from "../../src/models/chains/descriptions/chain-description.js";
import { specFromDescription } from "../../src/models/chains/descriptions/chain-from-description.js";

const whole = (least: number, most: number) => fc.integer({ min: least, max: most });

/** Mostly the first, at times one of the others. */
const often = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(usual, ...others));

const pool = fc.record(
  {
    kind: fc.constantFrom("max", "average"),
    size: whole(1, 4),
    stride: whole(1, 5),
    pad: often(0, 1, 2),
  },
  { requiredKeys: ["kind", "size"] },
);

/** Widths and groups that mostly divide each other, so that many of the nets are consistent. */
const convolution = fc.record(
  {
    width: often(12, 1, 5, 24),
    kernel: often(3, 1, 2, 4, 5),
    pad: often(1, 0, 2, 4),
    groups: often(1, 2, 3, 12),
    shuffle: often(1, 2, 4),
    isQuantized: fc.boolean(),
    dropout: often(0, 0.5),
    pool: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, pool),
  },
  { requiredKeys: ["width", "kernel", "pad"] },
);

const quantization = fc.constantFrom<Quantization>(
  { weights: { kind: "float" }, activations: { kind: "float" } },
  { weights: { kind: "dorefa", bits: 4 }, activations: { kind: "dorefa", bits: 2, scale: 0.1 } },
  { weights: { kind: "dorefa", bits: 32 }, activations: { kind: "dorefa", bits: 8, scale: 0.1 } },
  {
    weights: { kind: "ternary", hasAlpha: true, gapRatio: null },
    activations: { kind: "binary", values: "sign", straightThrough: "saturate" },
  },
);

/** Specs of chains of either order, quantization and form; about half of what is drawn is consistent. */
export const randomChain: fc.Arbitrary<ChainSpec> = fc
  .record({
    first: convolution,
    inner: fc.array(convolution, { maxLength: 4 }),
    lastKernel: often(1, 3),
    order: fc.constantFrom("conv-norm-activation", "norm-activation-conv"),
    form: fc.constantFrom("trainable", "baked", "merged"),
    quantization,
    side: whole(6, 14),
  })
  .map(({ first, inner, lastKernel, order, form, quantization: own, side }) => {
    const { shuffle: _, dropout: __, ...start } = first;
    const description = {
      name: "random",
      order,
      convs: [start, ...inner, { kernel: lastKernel }].map((conv) =>
        Object.fromEntries(Object.entries(conv).filter(([, value]) => value !== undefined)),
      ),
    } as unknown as NetDescription;
    try {
      const spec = specFromDescription({
        description,
        classes: 4,
        input: { channels: 3, height: side, width: side + 1 },
        sequence: "tnn_bin",
        quantization: own,
      });
      return { ...spec, form } as ChainSpec;
    } catch (error) {
      if (error instanceof QpruneError) return undefined;
      throw error;
    }
  })
  .filter((spec): spec is ChainSpec => spec !== undefined);
