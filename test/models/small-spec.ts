import type { Quantization } from "../../src/graph/quantizers.js";
import { type ArchitectureName, builtInSpec } from "../../src/models/chains/built-in-chain.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";

const NIN_WIDTHS = [24, 20, 12, 24, 24, 24, 24, 24];

const WIDTHS: Readonly<Record<ArchitectureName, readonly number[]>> = {
  nin: NIN_WIDTHS,
  nin_bn_conv: NIN_WIDTHS,
  nin_gc: [64, 64, 64, 64, 64, 64, 128, 128],
};

/** A built-in net of small widths for CIFAR's images; full precision by default. */
export const smallSpec = (
  arch: ArchitectureName,
  { weights, activations }: Partial<Quantization> = {},
): ChainSpec =>
  builtInSpec({
    arch,
    widths: WIDTHS[arch],
    classes: 10,
    input: { channels: 3, height: 32, width: 32 },
    sequence: "tnn_bin",
    quantization: {
      weights: weights ?? { kind: "float" },
      activations: activations ?? { kind: "float" },
    },
  });
