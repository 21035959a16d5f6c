import { fromOihw, type KernelShape, toOihw } from "../../../checkpoint/tensors/kernel-layout.js";
import type { KernelGrid, QuantizedTensor, WeightValue } from "../../../graph/model.js";
import { channelsOf } from "../../../graph/shape.js";
import type { WeightedNode } from "../../../graph/stored-form.js";
import { rangeOfValues } from "../../../quant/numbers/affine-kernel.js";
import { levelsOf } from "../../../quant/numbers/grids.js";
import { tensorValues, type WeightTensor } from "../model-files/weight-tensor.js";
import type { Lowering } from "./lowering.js";

/** How the codes of a grid are stored as bytes: byte = code - firstCode, value = byte scale + min. */
export interface ByteGrid {
  readonly firstCode: number;
  readonly scale: number;
  readonly min: number;
}

/**
 * The bytes of a grid, chosen such that TensorFlow.js computes the grid's values from them.
 * Example: the codes -1, 0, 1 of a sign grid are stored as bytes 0, 1, 2 and read as byte 1 - 1; the codes 0 to 3 of
 * two-bit DoReFa are stored unchanged and read as byte 2/3 - 1. Affine codes start anywhere (see bytesOf).
 */
export const byteGridOf = (grid: KernelGrid): ByteGrid =>
  grid.kind === "dorefa"
    ? { firstCode: 0, scale: 2 / levelsOf(grid.bits), min: -1 }
    : { firstCode: -1, scale: 1, min: -1 };

const BYTE_LEVELS = 255;

/** The bytes of a quantized kernel; undefined for affine codes that span more than bytes hold. */
const bytesOf = ({ grid, codes }: QuantizedTensor): ByteGrid | undefined => {
  if (grid.kind !== "affine") return byteGridOf(grid);
  const { low, high } = rangeOfValues(Float32Array.from(codes));
  return high - low > BYTE_LEVELS ? undefined : { firstCode: low, scale: 1, min: low };
};

/**
 * How a layer is lowered:
 * - `plain`: one Conv2D
 * - `depthwise`: one group per input channel, a DepthwiseConv2dNative
 * - `groups`: a Conv2D per group, since TensorFlow.js's Conv2D has no groups
 * - `matrix`: a MatMul
 */
type Method = "plain" | "depthwise" | "groups" | "matrix";

/** The kernel of a layer, with the nodes that it is for. */
export interface LayerKernel {
  /** The prefix of the layer's names. */
  readonly name: string;
  readonly method: Method;
  /** The shape of one node's kernel for fromOihw. */
  readonly shape: KernelShape;
  /** The number of nodes. */
  readonly count: number;
  /** Groups of input channels. */
  readonly groups: number;
  readonly weight: WeightValue;
}

const methodOf = (node: WeightedNode, inputs: number): Method => {
  if (node.kind === "dense") return "matrix";
  if (node.groups === 1) return "plain";
  return node.groups === inputs ? "depthwise" : "groups";
};

/** The kernel of a convolution or dense layer. */
export const layerKernel = (
  node: WeightedNode,
  { nameOf, shapeOf, weights }: Pick<Lowering, "nameOf" | "shapeOf" | "weights">,
): LayerKernel => {
  const weight = weights.get(`${node.name}.weight`);
  if (!weight) throw new Error(`The model lacks ${node.name}.weight.`);
  const method = methodOf(node, channelsOf(shapeOf(node.inputs[0] as string)));
  const groups = node.kind === "conv" ? node.groups : 1;
  const count = method === "groups" ? groups : 1;
  const [outputs, inputs, kh = 1, kw = 1] = weight.shape as [number, number, number?, number?];
  const shape = [kh, kw, inputs, outputs / count] as const;
  return { name: nameOf(node), method, shape, count, groups, weight };
};

/** The shape in which a kernel is stored; a depthwise one has the memory layout of [kh, kw, inputs, multiplier]. */
const storedShape = ({ method, shape, groups }: LayerKernel): readonly number[] => {
  const [kh, kw, inputs, outputs] = shape;
  if (method === "matrix") return [inputs, outputs];
  return method === "depthwise" ? [kh, kw, groups, outputs / groups] : shape;
};

const kernelName = ({ name, method }: LayerKernel, group: number): string =>
  method === "groups" ? `${name}/kernel_${group}` : `${name}/kernel`;

/** The kernel of a layer as tensors of the graph, [kh, kw, in, out] or [in, out]: one, or one per group. */
export const kernelTensors = (kernel: LayerKernel): WeightTensor[] => {
  const { shape, count, weight } = kernel;
  const all = weight.kind === "float" ? weight.values : weight.codes;
  const size = all.length / count;
  return Array.from({ length: count }, (_, group): WeightTensor => {
    const values = fromOihw(all.subarray(group * size, (group + 1) * size), shape);
    const about = { name: kernelName(kernel, group), shape: storedShape(kernel) };
    if (weight.kind === "float") return { ...about, kind: "float32", values };
    const grid = bytesOf(weight);
    // Codes are small whole numbers, so floats hold them exactly.
    if (!grid) return { ...about, kind: "float32", values };
    const { firstCode, scale, min } = grid;
    const bytes = Uint8Array.from(values, (code) => code - firstCode);
    return { ...about, kind: "uint8", values: bytes, scale, min };
  });
};

/** The inverse of {@link kernelTensors}: the weights that a graph computes with, in PyTorch's order. */
export const kernelOf = (
  { shape }: LayerKernel,
  tensors: readonly WeightTensor[],
): Float32Array => {
  const parts = tensors.map((tensor) => toOihw(tensorValues(tensor), shape));
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
};
