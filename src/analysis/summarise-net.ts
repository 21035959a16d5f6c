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
  /** Number of trained numbers or numbers derived from them: kernels, biases, gammas and betas, thresholds. */
  readonly parameters: number;
  /** For one image. */
  readonly macs: number;
  /** MACs with 1-bit weights and 1-bit inputs. */
  readonly binaryOps: number;
  /** Bytes of parameters and running statistics in float32. */
  readonly float32Bytes: number;
  /** Bytes of the same with packed quantized kernels, without the file's header (docs/packed-format.md). */
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
  /** The codes of a quantized kernel; null if it is not quantized. */
  readonly codes: CodeCounts | null;
  /** Outputs that are the same for every image (see deadChannels). */
  readonly deadChannels: readonly number[];
}

/** A net's layers and totals. */
export interface NetSummary {
  readonly spec: NetSpec;
  readonly layers: readonly LayerSummary[];
  readonly total: Amounts;
}

const kindOf = ({ groups, width }: ConvSpec, inputs: number): LayerSummary["kind"] => {
  if (groups === 1) return "conv";
  return groups === inputs && groups === width ? "depthwise conv" : "grouped conv";
};

/** Bytes of a kernel in a packed file: as this file packs it, or as an export packs it by default. */
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

interface LayerContext {
  readonly spec: NetSpec;
  readonly index: number;
  readonly numbers: readonly ConvNumbers[];
  readonly arithmetic: ConvArithmetic;
  /** How the file packs this kernel, if it does. */
  readonly packed: PackedKernelInfo | undefined;
}

const summariseLayer = ({
  spec,
  index,
  numbers,
  arithmetic,
  packed,
}: LayerContext): LayerSummary => {
  const conv = spec.convs[index] as ConvSpec;
  const own = numbers[index] as ConvNumbers;
  const shape = kernelShape(spec, index);
  const vectors = FLOAT_BYTES * (own.trained + own.statistics);
  const isInt8 = packed?.grid === "int8";
  return {
    name: stateNames(spec)[index]?.conv ?? "",
    kind: kindOf(conv, shape[1] * conv.groups),
    shape,
    groups: conv.groups,
    ...arithmetic,
    ...(isInt8 && { weightBits: packed.bits }),
    parameters: own.kernel.length + own.trained,
    float32Bytes: FLOAT_BYTES * own.kernel.length + vectors,
    packedBytes: packedKernelBytes(own, conv.width, isInt8) + vectors,
    codes: own.quantized ? codeCounts(own.quantized) : null,
    deadChannels: deadChannels(spec, numbers, index),
  };
};

const AMOUNTS = ["parameters", "macs", "binaryOps", "float32Bytes", "packedBytes"] as const;

const totalOf = (layers: readonly Amounts[]): Amounts =>
  Object.fromEntries(
    AMOUNTS.map((key) => [key, layers.reduce((sum, layer) => sum + layer[key], 0)]),
  ) as Record<(typeof AMOUNTS)[number], number>;

/**
 * Summarizes the layers of a checkpoint, without an engine.
 * @param spec the one in the file, or the one recognized from its state dict
 * @throws QpruneError that names the first tensor that is missing or whose shape differs from the spec.
 */
export const summariseNet = (checkpoint: Checkpoint, spec: NetSpec): NetSummary => {
  const numbers = convNumbers(checkpoint, spec);
  const arithmetic = convArithmetic(spec);
  const kernels = checkpoint.packing?.kernels ?? {};
  const layers = stateNames(spec).map(({ conv }, index) =>
    summariseLayer({
      spec,
      index,
      numbers,
      arithmetic: arithmetic[index] as ConvArithmetic,
      packed: kernels[`${conv}.weight`],
    }),
  );
  return { spec, layers, total: totalOf(layers) };
};
