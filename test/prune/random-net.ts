import fc from "fast-check";
import type { ChainSpec, ConvSpec } from "../../src/models/chains/chain-spec.js";
import { widthBase } from "../../src/models/chains/widths.js";

const MAX_2 = { kind: "max", size: 2, stride: 2, pad: 0 } as const;
const pools = [
  undefined,
  undefined,
  MAX_2,
  { kind: "max", size: 3, stride: 2, pad: 1 },
  { kind: "average", size: 3, stride: 2, pad: 1 },
  { kind: "average", size: 2, stride: 2, pad: 0 },
] as const;

const convShape = fc.record({
  kernel: fc.constantFrom(1, 1, 3),
  isPadded: fc.boolean(),
  groups: fc.constantFrom(1, 2, 3, 4),
  shuffle: fc.constantFrom(1, 2, 3, 4),
  bases: fc.integer({ min: 1, max: 6 }),
  pool: fc.constantFrom(...pools),
});

/** Chains of 2 to 5 convolutions of random groups, shuffles, pools and widths for images of 20x20. */
export const randomSpec: fc.Arbitrary<ChainSpec> = fc
  .array(convShape, { minLength: 2, maxLength: 5 })
  .map((shapes) => {
    const grouping = shapes.map(({ groups, shuffle }, at) => ({
      groups: at === 0 || at === shapes.length - 1 ? 1 : groups,
      shuffle: at === 0 ? 1 : shuffle,
    }));
    const convs = shapes.map(({ kernel, isPadded, bases, pool }, at): ConvSpec => {
      const isLast = at === shapes.length - 1;
      return {
        width: isLast ? 3 : widthBase(grouping, at) * bases,
        kernel,
        pad: isPadded || kernel === 1 ? (kernel - 1) / 2 : 0,
        ...(grouping[at] as { groups: number; shuffle: number }),
        isQuantized: at > 0 && !isLast,
        dropout: 0,
        // One pool at most, so that something is left of the image.
        ...(pool && at === 0 && { pool }),
      };
    });
    return {
      arch: "random",
      sequence: "tnn_bin",
      input: { channels: 2, height: 20, width: 20 },
      classes: 3,
      convs,
      quantization: { weights: { kind: "float" }, activations: { kind: "float" } },
      order: "conv-norm-activation",
      form: "trainable",
      norm: {
        epsilon: 1e-5,
        newStatWeight: 0.1,
        blockNewStatWeight: 0.1,
        isGammaFixed: false,
        minGamma: null,
      },
    };
  });
