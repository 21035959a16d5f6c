import { FLOAT_BYTES } from "../base/float-bytes.js";
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import { packGridKernel } from "../checkpoint/packed/pack-kernel.js";
import type { PackedKernelInfo } from "../checkpoint/packed/packing.js";
import { kernelShape } from "../models/kernel-shape.js";
import type { ConvSpec, NetSpec } from "../models/spec.js";
import { stateNames } from "../models/state-names.js";
import { type CodeCounts, codeCounts } from "./code-counts.js";
import { type ConvArithmetic, convArithmetic } from "./conv-arithmetic.js";
import { type ConvNumbers, convNumbers } from "./conv-numbers.js";
import { deadChannels } from "./dead-channels.js";

/** Numbers that add up over the layers of a net. */
export interface Amounts {
  /** Trained numbers, or what was made of them: kernels, biases, gammas and betas, thresholds. */
  readonly parameters: number;
  /** For one image. */
  readonly macs: number;
  /** MACs whose weights and inputs both have one bit. */
  readonly binaryOps: number;
  /** Parameters and running statistics in float32. */
  readonly float32Bytes: number;
  /** The same with quantized kernels packed, without the file's header (docs/packed-format.md). */
  readonly packedBytes: number;
}

/** One convolution with its norm. */
export interface LayerSummary extends Amounts {
  /** The convolution's name in the state dict. */
  readonly name: string;
  readonly kind: "conv" | "grouped conv" | "depthwise conv";
  /** Of the kernel: [out, in / groups, kh, kw]. */
  readonly shape: readonly [number, number, number, number];
  readonly groups: number;
  readonly weightBits: number;
  readonly inputBits: number;
  /** Of a quantized kernel, else null. */
  readonly codes: CodeCounts | null;
  /** Outputs that are the same for every image (see deadChannels). */
  readonly deadChannels: readonly number[];
}

/** What a net is made of. */
export interface NetSummary {
  readonly spec: NetSpec;
  readonly layers: readonly LayerSummary[];
  readonly total: Amounts;
}

const kindOf = ({ groups, width }: ConvSpec, inputs: number): LayerSummary["kind"] => {
  if (groups === 1) return "conv";
  return groups === inputs && groups === width ? "depthwise conv" : "grouped conv";
};

/** Bytes of a kernel as a packed file has it: as this one does, or as it is exported by default. */
const packedKernelBytes = (
  { kernel, quantized }: ConvNumbers,
  filters: number,
  isInt8: boolean,
): number => {
  if (isInt8) return kernel.length + FLOAT_BYTES * filters;
  if (!quantized) return FLOAT_BYTES * kernel.length;
  const { codes, scale } = packGridKernel(quantized);
  return codes.length + FLOAT_BYTES * (scale?.length ?? 0);
};

interface Place {
  readonly spec: NetSpec;
  readonly at: number;
  readonly numbers: readonly ConvNumbers[];
  readonly arithmetic: ConvArithmetic;
  /** How the file packs this kernel, where it does. */
  readonly packed: PackedKernelInfo | undefined;
}

const summariseLayer = ({ spec, at, numbers, arithmetic, packed }: Place): LayerSummary => {
  const conv = spec.convs[at] as ConvSpec;
  const own = numbers[at] as ConvNumbers;
  const shape = kernelShape(spec, at);
  const vectors = FLOAT_BYTES * (own.trained + own.statistics);
  const isInt8 = packed?.grid === "int8";
  return {
    name: stateNames(spec)[at]?.conv ?? "",
    kind: kindOf(conv, shape[1] * conv.groups),
    shape,
    groups: conv.groups,
    ...arithmetic,
    ...(isInt8 && { weightBits: packed.bits }),
    parameters: own.kernel.length + own.trained,
    float32Bytes: FLOAT_BYTES * own.kernel.length + vectors,
    packedBytes: packedKernelBytes(own, conv.width, isInt8) + vectors,
    codes: own.quantized ? codeCounts(own.quantized) : null,
    deadChannels: deadChannels(spec, numbers, at),
  };
};

const AMOUNTS = ["parameters", "macs", "binaryOps", "float32Bytes", "packedBytes"] as const;

const totalOf = (layers: readonly Amounts[]): Amounts =>
  Object.fromEntries(
    AMOUNTS.map((key) => [key, layers.reduce((sum, layer) => sum + layer[key], 0)]),
  ) as Record<(typeof AMOUNTS)[number], number>;

/**
 * What every layer of a checkpoint holds and computes, without an engine. `spec` is the file's own, or
 * what its state dict was recognised as.
 * @throws QpruneError naming the first tensor that is missing or has another shape than the spec says.
 */
export const summariseNet = (checkpoint: Checkpoint, spec: NetSpec): NetSummary => {
  const numbers = convNumbers(checkpoint, spec);
  const arithmetic = convArithmetic(spec);
  const kernels = checkpoint.packing?.kernels ?? {};
  const layers = stateNames(spec).map(({ conv }, at) =>
    summariseLayer({
      spec,
      at,
      numbers,
      arithmetic: arithmetic[at] as ConvArithmetic,
      packed: kernels[`${conv}.weight`],
    }),
  );
  return { spec, layers, total: totalOf(layers) };
};
