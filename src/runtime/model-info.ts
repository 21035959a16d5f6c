import { boxLayoutOf } from "../graph/box-output.js";
import type { EngineKind, PlanEngine } from "./engine.js";
import type { Plan, PlanStepOf } from "./plan/plan.js";
import type { PackedNet } from "./reading/read-packed.js";

/** A convolution or dense layer of a net. */
export interface LayerInfo {
  readonly name: string;
  /** `integers`: sums of integer codes; `floats`: float32. */
  readonly arithmetic: "integers" | "floats";
  /** Products for one image. */
  readonly macs: number;
}

/** What is known about a model. */
export interface ModelInfo {
  /** The name of its architecture. */
  readonly architecture: string;
  /** One name per class. */
  readonly classes: readonly string[];
  /** Pixels, and channels. */
  readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  /** How bytes become inputs: (byte / 255 - mean) / std per channel. */
  readonly preprocessing: {
    readonly mean: readonly number[];
    readonly std: readonly number[];
    /** Pixels of the shorter side to which an image is scaled before its middle is cropped. */
    readonly resizedSide: number;
    readonly interpolation: "bilinear" | "bicubic";
  };
  readonly layers: readonly LayerInfo[];
  /** Of the file. */
  readonly bytes: number;
  /** Bytes of weights, values and scratch memory. */
  readonly memoryBytes: number;
  /** Bytes of all values between layers. */
  readonly arenaBytes: number;
  /** The kernels that compute it, and their instructions. */
  readonly kernels: {
    readonly kind: EngineKind;
    readonly instructions: string;
    readonly threads: number;
    /** Why there are fewer threads than asked for. */
    readonly obstacle?: string;
  };
}

const layerOf = ({ name, weights, shape }: PlanStepOf<"conv">): LayerInfo => {
  const { outHeight, outWidth, filters, channels, groups, kernel } = shape;
  const macs = (outHeight * outWidth * filters * kernel[0] * kernel[1] * channels) / groups;
  return { name, arithmetic: weights.kind, macs };
};

/** Describes a model. */
export const modelInfo = (
  { arch, dataSet, model }: PackedNet,
  { values, steps, input, output, arenaBytes }: Plan,
  { kind, instructions, memoryBytes, threads, obstacle }: PlanEngine,
  fileBytes: number,
): ModelInfo => {
  const [height = 0, width = 0, channels = 0] = values[input]?.shape ?? [];
  const classes = boxLayoutOf(model.graph)?.classes ?? values[output]?.shape[2] ?? 0;
  const { mean, std, evaluation, classNames } = dataSet;
  const isNamed = classNames.length === classes;
  return {
    architecture: arch,
    classes: Array.from({ length: classes }, (_, at) =>
      isNamed ? (classNames[at] as string) : String(at),
    ),
    input: { height, width, channels },
    preprocessing: {
      mean,
      std,
      resizedSide: evaluation?.resizedSide ?? Math.min(height, width),
      interpolation: evaluation?.interpolation ?? "bilinear",
    },
    layers: steps.flatMap((step) => (step.kind === "conv" ? [layerOf(step)] : [])),
    bytes: fileBytes,
    memoryBytes,
    arenaBytes,
    kernels: { kind, instructions, threads, ...(obstacle && { obstacle }) },
  };
};
