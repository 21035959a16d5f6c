import { weightsState } from "../../../src/checkpoint/tensors/net-weights.js";
import { checkTfjsModel } from "../../../src/export/tfjs/model-files/check-tfjs-model.js";
import { readTfjsModel } from "../../../src/export/tfjs/model-files/read-tfjs-model.js";
import { tfjsModel } from "../../../src/export/tfjs/model-files/tfjs-model.js";
import type { Quantization } from "../../../src/graph/quantizers.js";
import { builtInNets } from "../../../src/models/chains/built-in-chains.js";
import type { ChainSpec } from "../../../src/models/chains/chain-spec.js";
import type { NetDescription } from "../../../src/models/chains/descriptions/chain-description.js";
import {
  scaledWidths,
  specFromDescription,
} from "../../../src/models/chains/descriptions/chain-from-description.js";
import { randomTensor } from "../../random-tensor.js";
import { calibratedWeights } from "../calibrated-weights.js";
import { bakedNet, mergedNet, ownLogits, stateOf } from "../exported.js";
import type { ServedModel } from "./serve.js";

/** An exported net with images for it and qprune's own logits. */
export interface Case extends ServedModel {
  readonly expected: Float32Array;
}

export const CLASSES = 10;

interface SpecOptions {
  readonly description: NetDescription;
  readonly quantization: Quantization;
  /** Of the default widths; TensorFlow.js's plain loops are slow. */
  readonly width?: number;
  readonly side?: number;
}

export const specOf = ({
  description,
  quantization,
  width = 1,
  side = 32,
}: SpecOptions): ChainSpec =>
  specFromDescription({
    description,
    widths: scaledWidths(description, width),
    classes: CLASSES,
    input: { channels: 3, height: side, width: side },
    sequence: "dorefa",
    quantization,
  });

interface CaseOptions {
  readonly spec: ChainSpec;
  readonly form?: "baked" | "merged";
  /** [n, h, w, 3], or how many random ones. */
  readonly images: Float32Array | number;
}

const randomImages = ({ input }: ChainSpec, count: number): Float32Array => {
  const { height, width, channels } = input;
  const tensor = randomTensor([count, height, width, channels], 2);
  const pixels = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return pixels;
};

/**
 * Exports a net with random weights, reads the files and checks them. The expected logits are those of the trainable
 * or the merged net.
 */
export const makeCase = (name: string, { spec, form = "baked", images }: CaseOptions): Case => {
  const weights = calibratedWeights(spec, 1);
  const net = form === "baked" ? bakedNet(spec, weights) : mergedNet(spec, weights);
  const pixels = typeof images === "number" ? randomImages(spec, images) : images;
  const files = tfjsModel(net, "0.0.0");
  checkTfjsModel(readTfjsModel(files), net);
  const own = form === "baked" ? { spec, state: weightsState(spec, weights) } : undefined;
  const { spec: ownSpec, state } = own ?? { spec: net.spec, state: stateOf(net) };
  return { name, files, images: pixels, expected: ownLogits(ownSpec, state, pixels) };
};

/** One of everything: depthwise, groups, shuffles on both sides of a pool, all pads, an even kernel. */
export const MIXED: NetDescription = {
  name: "mixed",
  convs: [
    { width: 12, kernel: 4, pad: 1 },
    { width: 24, kernel: 3, groups: 12, pool: { kind: "max", size: 3, stride: 2, pad: 1 } },
    { width: 16, kernel: 3, pad: 2, groups: 4, shuffle: 3 },
    { width: 16, kernel: 1, shuffle: 4, pool: { kind: "average", size: 3, stride: 2, pad: 1 } },
    { width: 12, kernel: 2, pad: 0, groups: 2, pool: { kind: "max", size: 2 } },
    { kernel: 1 },
  ],
};

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;
const SIGN = { kind: "binary", values: "sign", straightThrough: "saturate" } as const;
const BINARY = { weights: { kind: "binary", hasAlpha: true }, activations: SIGN } as const;
const FOUR_BITS = {
  weights: { kind: "dorefa", bits: 4 },
  activations: { kind: "dorefa", bits: 4, scale: 0.5 },
} as const;

const NARROW = 0.125;
const FEW = 8;

/** Full-precision nets, whose logits agree except for the order of sums. */
export const floatCases = (): Case[] => {
  const { nin, nin_gc } = builtInNets;
  const built = { quantization: FLOAT, width: NARROW };
  const mixed = specOf({ description: MIXED, quantization: FLOAT });
  return [
    makeCase("nin", { spec: specOf({ description: nin, ...built }), images: FEW }),
    makeCase("nin_gc", { spec: specOf({ description: nin_gc, ...built, side: 16 }), images: FEW }),
    makeCase("mixed", { spec: mixed, images: FEW }),
    makeCase("mixed-merged", { spec: mixed, form: "merged", images: FEW }),
  ];
};

/** Quantized nets on 100 images, of which one may differ because a sum falls on a quantizer's boundary. */
export const quantizedCases = (): Case[] => {
  const { nin, nin_gc, nin_bn_conv } = builtInNets;
  const small = { width: NARROW, side: 16 };
  const binary = specOf({ description: nin_gc, quantization: BINARY, ...small });
  const four = specOf({ description: nin, quantization: FOUR_BITS, ...small });
  const signs = { weights: { kind: "float" }, activations: SIGN } as const;
  const normFirst = specOf({ description: nin_bn_conv, quantization: signs, ...small });
  return [
    makeCase("nin-w4a4", { spec: four, images: 100 }),
    makeCase("nin-w4a4-merged", { spec: four, form: "merged", images: 100 }),
    makeCase("nin_gc-w2a2", { spec: binary, images: 100 }),
    makeCase("nin_gc-w2a2-merged", { spec: binary, form: "merged", images: 100 }),
    makeCase("nin_bn_conv", { spec: normFirst, images: 100 }),
  ];
};

/** One net of each kind on few images, for browsers, whose engines start slowly. */
export const fewCases = (): Case[] => {
  const { nin, nin_gc } = builtInNets;
  const small = { width: NARROW, side: 16 };
  const mixed = specOf({ description: MIXED, quantization: BINARY, side: 16 });
  const float = specOf({ description: nin, quantization: FLOAT, ...small });
  const four = specOf({ description: nin, quantization: FOUR_BITS, ...small });
  const grouped = specOf({ description: nin_gc, quantization: BINARY, ...small });
  return [
    makeCase("nin", { spec: float, images: FEW }),
    makeCase("nin-w4a4", { spec: four, images: FEW }),
    makeCase("nin_gc-w2a2", { spec: grouped, images: FEW }),
    makeCase("mixed-w2a2", { spec: mixed, images: FEW }),
    makeCase("mixed-w2a2-merged", { spec: mixed, form: "merged", images: FEW }),
  ];
};

/** A small net on given images. */
export const caseOn = (name: string, images: Float32Array, side: number): Case =>
  makeCase(name, { spec: specOf({ description: MIXED, quantization: FOUR_BITS, side }), images });
