import type { Padding, Pair } from "../../../graph/window.js";
import { Unsupported } from "../../unsupported.js";
import {
  addNode,
  type Convert,
  computedInput,
  constantInput,
  mapsInput,
  nodeNameOf,
  type OpCall,
  optionalConstant,
  plain,
} from "../call.js";
import { constantBy, sizeOfDims } from "../constants/elementwise.js";
import type { FoldBudget } from "../constants/fold-budget.js";
import { layerName } from "../names.js";
import type { ReadNode } from "../read-node.js";
import { dimsOf, reshaped, transposed } from "../strided-view.js";
import { type Constant, computed, floatTensorOf } from "../value.js";
import { pairOf } from "./windows.js";

/** A transposed convolution along one axis: output o receives input i through tap o + before - stride i. */
interface Axis {
  readonly inputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly outputs: number;
}

/**
 * The convolution of an axis that computes each of the `stride` phases of its output at once: output stride u + phase reads
 * input u + offset through tap phase + before - stride offset.
 */
interface PhaseWindow {
  readonly kernel: number;
  readonly before: number;
  readonly after: number;
  /** The tap of the transposed kernel at a place of the window; undefined where there is none. */
  readonly tapAt: (phase: number, place: number) => number | undefined;
}

const phaseWindow = ({ inputs, kernel, stride, before, outputs }: Axis): PhaseWindow => {
  if (outputs < 1 || outputs % stride !== 0)
    throw new Unsupported(`computes ${outputs} rows or columns, no multiple of its stride`);
  // Taps are from 0 to kernel - 1, so these are the least and the largest offsets of any phase.
  const least = Math.min(Math.ceil((before - kernel + 1) / stride), 0);
  const largest = Math.floor((stride - 1 + before) / stride);
  const own = Math.max(largest - least + 1, 1);
  const after = outputs / stride - inputs + least + own - 1;
  // Places without taps stand for borders that the transposed convolution cuts off.
  const size = own + Math.max(-after, 0);
  return {
    kernel: size,
    before: -least,
    after: Math.max(after, 0),
    tapAt: (phase, place) => {
      const tap = phase + before - stride * (place + least);
      return tap >= 0 && tap < kernel ? tap : undefined;
    },
  };
};

/** The weights [inputs, filters / groups, rows, columns] as those of a convolution with stride^2 filters for each. */
const phaseKernel = (
  { dims, values }: Constant,
  {
    windows: [down, across],
    stride,
    groups,
    budget,
  }: {
    readonly windows: readonly [PhaseWindow, PhaseWindow];
    readonly stride: number;
    readonly groups: number;
    readonly budget: FoldBudget;
  },
): Constant => {
  const [inputs, filters, rows, columns] = dims as [number, number, number, number];
  const inGroup = inputs / groups;
  const shape = [groups * filters * stride ** 2, inGroup, down.kernel, across.kernel];
  // A window has less than kernel / stride + 2 places, so kernels that are no smaller than their stride grow at most fourfold.
  budget.spend(sizeOfDims(shape), 4 * values.length);
  return constantBy(shape, true, (index) => {
    const [x, y] = [index % across.kernel, Math.floor(index / across.kernel) % down.kernel];
    const input = Math.floor(index / (across.kernel * down.kernel)) % inGroup;
    const filter = Math.floor(index / (across.kernel * down.kernel * inGroup));
    const [phase, own] = [filter % stride ** 2, Math.floor(filter / stride ** 2)];
    const row = down.tapAt(Math.floor(phase / stride), y);
    const column = across.tapAt(phase % stride, x);
    if (row === undefined || column === undefined) return 0;
    const from = Math.floor(own / filters) * inGroup + input;
    return values[((from * filters + (own % filters)) * rows + row) * columns + column] as number;
  });
};

const strideOf = (node: ReadNode): number => {
  const [rows, columns] = pairOf(node, "strides", [1, 1]);
  if (rows !== columns || rows < 1)
    throw new Unsupported(`has the strides ${rows} and ${columns}, not the same one twice`);
  if (pairOf(node, "dilations", [1, 1]).some((step) => step !== 1))
    throw new Unsupported("is dilated");
  return rows;
};

const padsOf = (node: ReadNode): Padding => {
  if (!["NOTSET", "VALID"].includes(node.text("auto_pad", "NOTSET")) || node.has("output_shape"))
    throw new Unsupported("has borders that depend on its output");
  const pads = node.ints("pads") ?? [0, 0, 0, 0];
  if (pads.length !== 4 || pads.some((border) => border < 0))
    throw new Unsupported(`has the borders ${pads.join(", ")}`);
  return pads as unknown as Padding;
};

const biasesOf = (call: OpCall, filters: number, copies: number): Constant | undefined => {
  const bias = optionalConstant(call, 2);
  if (!bias) return undefined;
  if (sizeOfDims(bias.dims) !== filters)
    throw new Unsupported(`has ${sizeOfDims(bias.dims)} biases for ${filters} outputs`);
  return constantBy(
    [filters * copies],
    true,
    (index) => bias.values[Math.floor(index / copies)] as number,
  );
};

/**
 * ConvTranspose: weights [inputs, filters / groups, rows, columns]. It becomes a convolution that computes the stride^2 pixels
 * which belong to each pixel of its input, and a pixel shuffle (sub-pixel convolution, Shi et al. 2016): the same sums.
 */
export const convertConvTranspose: Convert = (call) => {
  const { node, budget } = call;
  const weights = constantInput(call, 1);
  if (weights.dims.length !== 4)
    throw new Unsupported(`convolves over ${weights.dims.length - 2} axes, not 2`);
  const [inputs, inGroup, ...kernel] = weights.dims as [number, number, number, number];
  const { value, shape } = mapsInput(call);
  const [stride, groups] = [strideOf(node), node.int("group", 1)];
  if (inputs !== shape[2] || groups < 1 || inputs % groups !== 0)
    throw new Unsupported(`needs ${inputs} channels in ${groups} groups, but gets ${shape[2]}`);
  const pads = padsOf(node);
  const more = pairOf(node, "output_padding", [0, 0]);
  const windows = [0, 1].map((axis) => {
    const [side, own] = [shape[axis] as number, kernel[axis] as number];
    const [before, after] = [pads[axis] as number, pads[axis + 2] as number];
    const outputs = stride * (side - 1) + own + (more[axis] as number) - before - after;
    return phaseWindow({ inputs: side, kernel: own, stride, before, outputs });
  }) as [PhaseWindow, PhaseWindow];
  const [down, across] = windows;
  const filters = inGroup * groups;
  const bias = biasesOf(call, filters, stride ** 2);
  const [maps] = addNode(call, "conv", {
    name: layerName(call, 1),
    inputs: [value],
    options: {
      filters: filters * stride ** 2,
      groups,
      kernel: [down.kernel, across.kernel] satisfies Pair,
      padding: [down.before, across.before, down.after, across.after] satisfies Padding,
      hasBias: bias !== undefined,
    },
    tensors: {
      weight: floatTensorOf(phaseKernel(weights, { windows, stride, groups, budget })),
      bias: bias && floatTensorOf(bias),
    },
  }) as [string];
  return plain(call, stride === 1 ? [maps] : addPixelShuffle(call, maps, stride));
};

const addPixelShuffle = (call: OpCall, value: string, factor: number): readonly string[] =>
  addNode(call, "pixelShuffle", {
    name: `${nodeNameOf(call)}/pixels`,
    inputs: [value],
    options: { factor },
  });

/** DepthToSpace, with the pixels of a block (CRD) or the channels of the output (DCR) as the inner part of the channels. */
export const convertDepthToSpace: Convert = (call) => {
  const { node } = call;
  const factor = node.int("blocksize", 0);
  const mode = node.text("mode", "DCR");
  if (mode !== "CRD" && mode !== "DCR") throw new Unsupported(`has the mode ${mode}`);
  if (factor === 1) return [computedInput(call, 0)];
  if (mode === "CRD") return plain(call, addPixelShuffle(call, mapsInput(call).value, factor));
  const input = computedInput(call, 0);
  const [images = 1, channels = 1, ...sides] = dimsOf(input);
  const area = factor ** 2;
  if (area < 1 || channels % area !== 0)
    throw new Unsupported(`has blocks of ${factor} for ${channels} channels`);
  const parts = reshaped(input, [images, area, channels / area, ...sides]);
  const order = [0, 2, 1, ...sides.map((_, index) => index + 3)];
  const byChannel = reshaped(transposed(parts, order), [images, channels, ...sides]);
  const own = { ...call, inputs: [computed(byChannel)] };
  return plain(call, addPixelShuffle(call, mapsInput(own).value, factor));
};
