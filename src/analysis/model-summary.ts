import { FLOAT_BYTES } from "../base/float-bytes.js";
import type { Checkpoint } from "../checkpoint/checkpoint.js";
import { packGridKernel } from "../checkpoint/packed/pack-kernel.js";
import type { PackedKernelInfo } from "../checkpoint/packed/packing.js";
import { readModel } from "../checkpoint/read-model.js";
import type { Model, QuantizedTensor, WeightValue } from "../graph/model.js";
import { sizeOf } from "../graph/shape.js";
import { type WeightedNode, weightedNodes } from "../graph/stored-form.js";
import { graphOf, type NetSpec } from "../models/net-spec.js";
import { type CodeCounts, codeCounts } from "./code-counts.js";
import { deadChannelsOf, type FindDeadChannels } from "./dead-channels.js";
import { type LayerArithmetic, layerArithmetic } from "./layer-arithmetic.js";
import { kernelOf, quantizedKernel } from "./layer-numbers.js";
import { type LayerVectors, layerVectors } from "./layer-vectors.js";

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

/** One convolution or dense layer with its norm. */
export interface LayerSummary extends Amounts {
  /** Its name in the state dict. */
  readonly name: string;
  readonly kind: "conv" | "grouped conv" | "depthwise conv" | "dense";
  /** Of the kernel: [out, in / groups, kh, kw], or [out, in] of a dense layer. */
  readonly shape: readonly number[];
  readonly groups: number;
  readonly weightBits: number;
  readonly inputBits: number;
  /** The codes of a quantized kernel; null if it is not quantized. */
  readonly codes: CodeCounts | null;
  /** Outputs that are the same for every image (see deadChannelsOf). */
  readonly deadChannels: readonly number[];
}

/** A net's layers and totals. */
export interface ModelSummary {
  readonly layers: readonly LayerSummary[];
  readonly total: Amounts;
}

/** A summary with the net that it is of. */
export interface NetSummary extends ModelSummary {
  readonly spec: NetSpec;
}

const kindOf = (node: WeightedNode, shape: readonly number[]): LayerSummary["kind"] => {
  if (node.kind === "dense") return "dense";
  const { groups, filters } = node;
  if (groups === 1) return "conv";
  const inputs = (shape[1] as number) * groups;
  return groups === inputs && groups === filters ? "depthwise conv" : "grouped conv";
};

/** Bytes of a kernel in a packed file: as this file packs it, or as an export packs it by default. */
const packedKernelBytes = (
  { shape }: WeightValue,
  quantized: QuantizedTensor | undefined,
  isInt8: boolean,
): number => {
  if (isInt8) return sizeOf(shape) + FLOAT_BYTES * (shape[0] as number);
  if (!quantized) return FLOAT_BYTES * sizeOf(shape);
  const { codes, scale, zero } = packGridKernel(quantized);
  return codes.length + FLOAT_BYTES * (scale?.length ?? 0) + (zero?.length ?? 0);
};

interface LayerContext {
  readonly model: Model;
  readonly node: WeightedNode;
  readonly arithmetic: LayerArithmetic;
  readonly vectors: LayerVectors;
  /** How the file packs this kernel, if it does. */
  readonly packed: PackedKernelInfo | undefined;
  readonly findDead: FindDeadChannels;
}

const summarizeLayer = (context: LayerContext): LayerSummary => {
  const { model, node, arithmetic, packed, findDead } = context;
  const { trained, statistics } = context.vectors;
  const kernel = kernelOf(model, node);
  const quantized = quantizedKernel(model, kernel, node);
  const { shape } = kernel;
  const vectors = FLOAT_BYTES * (trained + statistics);
  const isInt8 = packed?.grid === "int8";
  return {
    name: node.name,
    kind: kindOf(node, shape),
    shape,
    groups: node.kind === "conv" ? node.groups : 1,
    ...arithmetic,
    ...(isInt8 && { weightBits: packed.bits }),
    parameters: sizeOf(shape) + trained,
    float32Bytes: FLOAT_BYTES * sizeOf(shape) + vectors,
    packedBytes: packedKernelBytes(kernel, quantized, isInt8) + vectors,
    codes: quantized ? codeCounts(quantized) : null,
    deadChannels: findDead(node, kernel, quantized),
  };
};

const AMOUNTS = ["parameters", "macs", "binaryOps", "float32Bytes", "packedBytes"] as const;

const totalOf = (layers: readonly Amounts[]): Amounts =>
  Object.fromEntries(
    AMOUNTS.map((key) => [key, layers.reduce((sum, layer) => sum + layer[key], 0)]),
  ) as Record<(typeof AMOUNTS)[number], number>;

/**
 * Summarizes the convolutions and dense layers of a model, without an engine.
 * @param packing how its file packs kernels, if it does
 */
export const modelSummary = (
  model: Model,
  packing?: Checkpoint["packing"] | undefined,
): ModelSummary => {
  const { graph } = model;
  const [arithmetic, vectors] = [layerArithmetic(graph), layerVectors(graph)];
  const findDead = deadChannelsOf(model);
  const layers = weightedNodes(graph).map((node) =>
    summarizeLayer({
      model,
      node,
      arithmetic: arithmetic.get(node.name) as LayerArithmetic,
      vectors: vectors.get(node.name) as LayerVectors,
      packed: packing?.kernels[`${node.name}.weight`],
      findDead,
    }),
  );
  return { layers, total: totalOf(layers) };
};

/**
 * Summarizes the layers of a checkpoint, without an engine.
 * @param spec the one in the file, or the one recognized from its state dict
 * @throws QpruneError that names the first tensor that is missing or does not fit its node, or the first weight that is not
 * on the grid of its quantizer.
 */
export const summariseNet = (checkpoint: Checkpoint, spec: NetSpec): NetSummary => {
  const model = readModel(checkpoint, graphOf(spec));
  return { spec, ...modelSummary(model, checkpoint.packing) };
};
