import type { Quantization } from "../quant/quantization.js";
import type { ConvSpec, NetSpec } from "./spec.js";
import { checkWidths, widthBase } from "./widths.js";

/** A convolution of a built-in net, without its width. */
type ConvShape = Omit<ConvSpec, "width">;

interface Architecture {
  readonly defaultWidths: readonly number[];
  /** All convolutions; the last one's width is the number of classes. */
  readonly convs: readonly ConvShape[];
}

const MAX_3 = { kind: "max", size: 3, stride: 2, pad: 1 } as const;
const AVERAGE_3 = { kind: "average", size: 3, stride: 2, pad: 1 } as const;
const MAX_2 = { kind: "max", size: 2, stride: 2, pad: 0 } as const;

const first = (): ConvShape => ({ kernel: 5, pad: 2, groups: 1, shuffle: 1, isQuantized: false });
const last = (): ConvShape => ({ kernel: 1, pad: 0, groups: 1, shuffle: 1, isQuantized: false });
const block = (kernel: number, groups = 1, shuffle = 1, pool?: ConvSpec["pool"]): ConvShape => ({
  kernel,
  pad: (kernel - 1) / 2,
  groups,
  shuffle,
  isQuantized: true,
  ...(pool && { pool }),
});

/**
 * The nets of the original: NIN (Network in Network, Lin et al. 2013, on CIFAR-10) and NIN-GC, the same
 * with grouped convolutions and channel shuffles (ShuffleNet, Zhang et al. 2018).
 */
const architectures = {
  nin: {
    defaultWidths: [192, 160, 96, 192, 192, 192, 192, 192],
    convs: [
      first(),
      block(1),
      block(1, 1, 1, MAX_3),
      block(5),
      block(1),
      block(1, 1, 1, AVERAGE_3),
      block(3),
      block(1),
      last(),
    ],
  },
  nin_gc: {
    defaultWidths: [256, 256, 256, 512, 512, 512, 1024, 1024],
    convs: [
      first(),
      block(1, 2),
      block(1, 2, 2, MAX_2),
      block(3, 16, 2),
      block(1, 4, 16),
      block(1, 4, 4, MAX_2),
      block(3, 32, 4),
      block(1, 8, 32),
      last(),
    ],
  },
} satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;
export const architectureNames = Object.keys(architectures) as ArchitectureName[];

export const defaultWidths = (arch: ArchitectureName): readonly number[] =>
  architectures[arch].defaultWidths;

export interface BuiltInOptions {
  readonly arch: ArchitectureName;
  /** Widths of all convolutions but the last; the architecture's own where absent. */
  readonly widths?: readonly number[];
  readonly classes: number;
  readonly input: NetSpec["input"];
  readonly sequence: NetSpec["sequence"];
  readonly quantization: Quantization;
}

/** PyTorch's defaults, which the original keeps. */
const NORM = { epsilon: 1e-5, newStatWeight: 0.1 };

/**
 * The spec of a built-in net.
 * @throws QpruneError where the number of widths is wrong or the groups do not divide them.
 */
export const builtInSpec = (options: BuiltInOptions): NetSpec => {
  const { arch, classes, input, sequence, quantization } = options;
  const shapes: readonly ConvShape[] = architectures[arch].convs;
  const widths = options.widths ?? defaultWidths(arch);
  checkWidths(arch, shapes, widths);
  const convs = shapes.map((shape, at) => ({ ...shape, width: widths[at] ?? classes }));
  return { arch, sequence, input, classes, convs, quantization, norm: NORM };
};

/**
 * The default widths times a factor, each rounded to the nearest number of channels that the groups
 * and shuffles on both sides divide (at least one such number).
 */
export const scaledWidths = (arch: ArchitectureName, factor: number): number[] => {
  const shapes: readonly ConvShape[] = architectures[arch].convs;
  return defaultWidths(arch).map((width, at) => {
    const base = widthBase(shapes, at);
    return Math.max(1, Math.round((width * factor) / base)) * base;
  });
};
