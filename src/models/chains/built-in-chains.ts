import type { NetDescription } from "./descriptions/chain-description.js";

const MAX_3 = { kind: "max", size: 3, stride: 2, pad: 1 } as const;
const AVERAGE_3 = { kind: "average", size: 3, stride: 2, pad: 1 } as const;
const MAX_2 = { kind: "max", size: 2 } as const;

const NIN_CONVS: NetDescription["convs"] = [
  { width: 192, kernel: 5 },
  { width: 160, kernel: 1 },
  { width: 96, kernel: 1, pool: MAX_3 },
  { width: 192, kernel: 5 },
  { width: 192, kernel: 1 },
  { width: 192, kernel: 1, pool: AVERAGE_3 },
  { width: 192, kernel: 3 },
  { width: 192, kernel: 1 },
  { kernel: 1 },
];

/** The reference scripts drop half of the input of inner convolutions with kernels larger than 1. */
const BLOCK_DROPOUT = 0.5;
const NIN_CONVS_WITH_DROPOUT = NIN_CONVS.map((conv, index) =>
  index > 0 && conv.kernel > 1 ? { ...conv, dropout: BLOCK_DROPOUT } : conv,
);

/**
 * The nets of the reference scripts: NIN (Network in Network, Lin et al. 2013, for CIFAR-10) and NIN-GC, the same with
 * grouped convolutions and channel shuffles (ShuffleNet, Zhang et al. 2018). nin_bn_conv is NIN with the norm and the
 * binary activation before each convolution (XNOR-Net, section 3.2).
 */
export const builtInNets = {
  nin: { name: "nin", convs: NIN_CONVS },
  nin_gc: {
    name: "nin_gc",
    convs: [
      { width: 256, kernel: 5 },
      { width: 256, kernel: 1, groups: 2 },
      { width: 256, kernel: 1, groups: 2, shuffle: 2, pool: MAX_2 },
      { width: 512, kernel: 3, groups: 16, shuffle: 2 },
      { width: 512, kernel: 1, groups: 4, shuffle: 16 },
      { width: 512, kernel: 1, groups: 4, shuffle: 4, pool: MAX_2 },
      { width: 1024, kernel: 3, groups: 32, shuffle: 4 },
      { width: 1024, kernel: 1, groups: 8, shuffle: 32 },
      { kernel: 1 },
    ],
  },
  nin_bn_conv: {
    name: "nin_bn_conv",
    order: "norm-activation-conv",
    norm: { epsilon: 1e-4, minGamma: 0.01 },
    convs: NIN_CONVS_WITH_DROPOUT,
  },
} as const satisfies Readonly<Record<string, NetDescription>>;
