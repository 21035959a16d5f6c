import type { Quantization } from "../quant/quantization.js";
import type { ConvSpec, NetSpec } from "./spec.js";
import { checkWidths, widthBase } from "./widths.js";

/** A convolution of a built-in net, without its width. */
type ConvShape = Omit<ConvSpec, "width">;

/** PyTorch's default for the epsilon of a norm. */
const EPSILON = 1e-5;

interface Architecture {
  readonly order: NetSpec["order"];
  readonly epsilon: number;
  readonly minGamma: number | null;
  readonly defaultWidths: readonly number[];
  /** All convolutions; the last one's width is the number of classes. */
  readonly convs: readonly ConvShape[];
}

const MAX_3 = { kind: "max", size: 3, stride: 2, pad: 1 } as const;
const AVERAGE_3 = { kind: "average", size: 3, stride: 2, pad: 1 } as const;
const MAX_2 = { kind: "max", size: 2, stride: 2, pad: 0 } as const;

const first = (): ConvShape => ({
  kernel: 5,
  pad: 2,
  groups: 1,
  shuffle: 1,
  isQuantized: false,
  dropout: 0,
});
const last = (): ConvShape => ({
  kernel: 1,
  pad: 0,
  groups: 1,
  shuffle: 1,
  isQuantized: false,
  dropout: 0,
});
const block = (kernel: number, groups = 1, shuffle = 1, pool?: ConvSpec["pool"]): ConvShape => ({
  kernel,
  pad: (kernel - 1) / 2,
  groups,
  shuffle,
  isQuantized: true,
  dropout: 0,
  ...(pool && { pool }),
});

const NIN_CONVS: readonly ConvShape[] = [
  first(),
  block(1),
  block(1, 1, 1, MAX_3),
  block(5),
  block(1),
  block(1, 1, 1, AVERAGE_3),
  block(3),
  block(1),
  last(),
];
const NIN_WIDTHS = [192, 160, 96, 192, 192, 192, 192, 192];

/** The original drops half of the input of the convolutions that look further than one pixel. */
const BLOCK_DROPOUT = 0.5;
const withDropout = (conv: ConvShape): ConvShape =>
  conv.isQuantized && conv.kernel > 1 ? { ...conv, dropout: BLOCK_DROPOUT } : conv;

/**
 * The nets of the original: NIN (Network in Network, Lin et al. 2013, on CIFAR-10) and NIN-GC, the same
 * with grouped convolutions and channel shuffles (ShuffleNet, Zhang et al. 2018). nin_bn_conv is NIN with
 * the norm and the binary activation in front of each convolution (XNOR-Net, section 3.2).
 */
const architectures = {
  nin: {
    order: "conv-norm-activation",
    epsilon: EPSILON,
    minGamma: null,
    defaultWidths: NIN_WIDTHS,
    convs: NIN_CONVS,
  },
  nin_gc: {
    order: "conv-norm-activation",
    epsilon: EPSILON,
    minGamma: null,
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
  nin_bn_conv: {
    order: "norm-activation-conv",
    epsilon: 1e-4,
    minGamma: 0.01,
    defaultWidths: NIN_WIDTHS,
    convs: NIN_CONVS.map(withDropout),
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
  /** Weight of the new batch in the running statistics of the inner norms. */
  readonly blockNewStatWeight?: number;
  /** Whether the inner gammas are 1 and stay. */
  readonly isGammaFixed?: boolean;
}

/** PyTorch's default, which the original keeps. */
export const DEFAULT_NEW_STAT_WEIGHT = 0.1;

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
  const { order, epsilon, minGamma } = architectures[arch];
  const norm = {
    epsilon,
    newStatWeight: DEFAULT_NEW_STAT_WEIGHT,
    blockNewStatWeight: options.blockNewStatWeight ?? DEFAULT_NEW_STAT_WEIGHT,
    isGammaFixed: options.isGammaFixed ?? false,
    minGamma,
  };
  return { arch, sequence, input, classes, convs, quantization, order, norm };
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
