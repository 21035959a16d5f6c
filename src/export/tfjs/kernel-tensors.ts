import { fromOihw, type KernelShape, toOihw } from "../../checkpoint/kernel-layout.js";
import type { KernelGrid } from "../../graph/model.js";
import { levelsOf } from "../../quant/numbers/grids.js";
import type { ConvStep } from "./conv-step.js";
import { tensorValues, type WeightTensor } from "./weight-tensor.js";

/** How the codes of a grid are stored as bytes: byte = code - firstCode, value = byte scale + min. */
export interface ByteGrid {
  readonly firstCode: number;
  readonly scale: number;
  readonly min: number;
}

/**
 * The bytes of a grid, chosen such that TensorFlow.js computes the grid's values from them.
 * Example: the codes -1, 0, 1 of a sign grid are stored as bytes 0, 1, 2 and read as byte 1 - 1; the codes 0 to 3 of
 * two-bit DoReFa are stored unchanged and read as byte 2/3 - 1.
 */
export const byteGridOf = (grid: KernelGrid): ByteGrid =>
  grid.kind === "sign"
    ? { firstCode: -1, scale: 1, min: -1 }
    : { firstCode: 0, scale: 2 / levelsOf(grid.bits), min: -1 };

/**
 * How a convolution is lowered:
 * - `plain`: one Conv2D
 * - `depthwise`: one group per input channel, a DepthwiseConv2dNative
 * - `groups`: a Conv2D per group, since TensorFlow.js's Conv2D has no groups
 */
export type Lowering = "plain" | "depthwise" | "groups";

export const loweringOf = ({ conv, inputs }: ConvStep): Lowering => {
  if (conv.groups === 1) return "plain";
  return conv.groups === inputs ? "depthwise" : "groups";
};

/** The shape of one Conv2D's kernel for fromOihw, and the number of Conv2D nodes of a convolution. */
const layoutOf = (step: ConvStep): { shape: KernelShape; count: number } => {
  const { kernel, groups, width } = step.conv;
  const count = loweringOf(step) === "groups" ? groups : 1;
  return { shape: [kernel, kernel, step.inputs / groups, width / count], count };
};

/** A depthwise kernel [kh, kw, 1, inputs multiplier] has the memory layout of TensorFlow's [kh, kw, inputs, multiplier]. */
const storedShape = (step: ConvStep, shape: KernelShape): readonly number[] => {
  if (loweringOf(step) !== "depthwise") return shape;
  const { kernel, width } = step.conv;
  return [kernel, kernel, step.inputs, width / step.inputs];
};

export const kernelName = (step: ConvStep, group: number): string =>
  loweringOf(step) === "groups" ? `conv${step.index}/kernel_${group}` : `conv${step.index}/kernel`;

/** The kernel of a convolution as tensors of the graph, [kh, kw, in, out]: one, or one per group. */
export const kernelTensors = (step: ConvStep): WeightTensor[] => {
  const { shape, count } = layoutOf(step);
  const stored = step.kernel;
  const all = stored.kind === "float" ? stored.values : stored.codes;
  const size = all.length / count;
  return Array.from({ length: count }, (_, group): WeightTensor => {
    const values = fromOihw(all.subarray(group * size, (group + 1) * size), shape);
    const about = { name: kernelName(step, group), shape: storedShape(step, shape) };
    if (stored.kind === "float") return { ...about, kind: "float32", values };
    const { firstCode, scale, min } = byteGridOf(stored.grid);
    const bytes = Uint8Array.from(values, (code) => code - firstCode);
    return { ...about, kind: "uint8", values: bytes, scale, min };
  });
};

/** The inverse of {@link kernelTensors}: the weights that a graph computes with, in PyTorch's order. */
export const kernelOf = (step: ConvStep, tensors: readonly WeightTensor[]): Float32Array => {
  const { shape } = layoutOf(step);
  const parts = tensors.map((tensor) => toOihw(tensorValues(tensor), shape));
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
};
