import type { Quantization } from "../../src/graph/quantizers.js";
import type { NetOptions } from "./nets.js";

const straightThrough = "saturate";

const doReFa = (weights: number, activations: number): Quantization => ({
  weights: { kind: "dorefa", bits: weights },
  activations: { kind: "dorefa", bits: activations, scale: 0.1 },
});

const binary = { kind: "binary", hasAlpha: true } as const;
const ternary = { kind: "ternary", hasAlpha: true, gapRatio: null } as const;
const signs = { kind: "binary", values: "sign", straightThrough } as const;
const zeroOne = { kind: "binary", values: "zero-one", straightThrough } as const;
const ternaryActivations = { kind: "ternary", straightThrough } as const;

/** Pairs of weights and activations: every width of codes, signs with and without zeros, and floats on either side. */
const PAIRS: Readonly<Record<string, Quantization>> = {
  "8/8": doReFa(8, 8),
  "4/8": doReFa(4, 8),
  "8/4": doReFa(8, 4),
  "4/4": doReFa(4, 4),
  "3/5": doReFa(3, 5),
  "2/2": doReFa(2, 2),
  "binary/binary": { weights: binary, activations: signs },
  "binary/zero-one": { weights: binary, activations: zeroOne },
  "ternary/binary": { weights: ternary, activations: signs },
  "ternary/ternary": { weights: ternary, activations: ternaryActivations },
  "binary/8": { weights: binary, activations: { kind: "dorefa", bits: 8, scale: 0.1 } },
  "4/ternary": { weights: { kind: "dorefa", bits: 4 }, activations: ternaryActivations },
  "ternary/32": { weights: ternary, activations: { kind: "float" } },
};

export type Sized = Pick<NetOptions, "arch" | "width" | "side">;

/** Nets of every kind of block, small enough for loops in TypeScript. */
export const NETS: readonly Sized[] = [
  { arch: "nin", width: 0.125, side: 32 },
  { arch: "nin_gc", width: 0.25, side: 32 },
  { arch: "nin_bn_conv", width: 0.125, side: 32 },
  { arch: "vgg11_cifar", width: 0.125, side: 32 },
  { arch: "resnet20", width: 0.5, side: 16 },
  { arch: "resnet20_b", width: 0.5, side: 16 },
  { arch: "resnet18_cifar", width: 0.125, side: 16 },
  { arch: "resnet50", width: 0.125, side: 64 },
  { arch: "densenet40", width: 0.25, side: 16 },
  { arch: "mobilenet_v2", width: 0.25, side: 32 },
  { arch: "efficientnet_lite0", width: 0.25, side: 32 },
  { arch: "shufflenet_v2_x0_5", width: 0.5, side: 64 },
  { arch: "squeezenet1_1", width: 0.25, side: 64 },
];

/** A net of binary activations only. */
export const BIREAL: Sized = { arch: "resnet20_bireal", width: 0.5, side: 16 };

const isLong = process.env.QPRUNE_LONG_TESTS === "1";

/** The pairs with which a net is tested: all in the long tests, otherwise four, so that all nets together have every pair. */
export const pairsOf = (net: Sized): readonly (readonly [string, Quantization])[] => {
  if (net === BIREAL) return [["binary/binary", PAIRS["binary/binary"] as Quantization]];
  const first = 4 * NETS.indexOf(net);
  const names = Object.keys(PAIRS);
  const some = [0, 1, 2, 3].map((at) => names[(first + at) % names.length] as string);
  return (isLong ? names : some).map((name) => [name, PAIRS[name] as Quantization]);
};
