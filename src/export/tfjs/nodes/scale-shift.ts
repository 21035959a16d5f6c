import type { NodeOf } from "../../../graph/graph.js";
import { channelsOfNorm, type NormChannel } from "../../../passes/norm-channels.js";
import type { TfGraphBuilder } from "../tf-graph.js";
import { type Lowering, onlyInput, vectorOf } from "./lowering.js";

/** scale x + shift, with a scale and a shift per channel; a null scale means 1, a null shift 0. */
export interface ScaleShift {
  readonly scale: Float32Array | null;
  readonly shift: Float32Array | null;
}

export const scaleShift = (scale: Float32Array, shift: Float32Array | null): ScaleShift => ({
  scale: scale.every((value) => value === 1) ? null : scale,
  shift,
});

/** gamma (x + bias - mean) / deviation + beta as scale x + shift. */
export const normScaleShift = (
  channels: readonly NormChannel[],
  bias?: Float32Array,
): { readonly scale: Float32Array; readonly shift: Float32Array } => {
  const scales = channels.map(({ gamma, deviation }) => gamma / deviation);
  const shift = Float32Array.from(
    channels,
    ({ beta, mean }, index) => beta + ((bias?.[index] ?? 0) - mean) * (scales[index] as number),
  );
  return { scale: Float32Array.from(scales), shift };
};

const vector = (builder: TfGraphBuilder, name: string, values: Float32Array): string =>
  builder.constant({ name, shape: [values.length], kind: "float32", values });

export const addScaleShift = (
  builder: TfGraphBuilder,
  name: string,
  x: string,
  { scale, shift }: ScaleShift,
): string => {
  const scaled = scale
    ? builder.add("Mul", `${name}/scaled`, [x, vector(builder, `${name}/scale`, scale)])
    : x;
  return shift
    ? builder.add("AddV2", `${name}/shifted`, [scaled, vector(builder, `${name}/shift`, shift)])
    : scaled;
};

export const lowerBatchNorm = (node: NodeOf<"batchNorm">, lowering: Lowering): string => {
  const { x } = onlyInput(lowering, node);
  const { builder, nameOf, weights } = lowering;
  return addScaleShift(builder, nameOf(node), x, normScaleShift(channelsOfNorm(node, weights)));
};

export const lowerAffine = (node: NodeOf<"affine">, lowering: Lowering): string => {
  const { x } = onlyInput(lowering, node);
  const scale = vectorOf(lowering, node, "scale") as Float32Array;
  const threshold = vectorOf(lowering, node, "threshold") as Float32Array;
  const shift = threshold.map((value) => -value);
  return addScaleShift(lowering.builder, lowering.nameOf(node), x, scaleShift(scale, shift));
};
