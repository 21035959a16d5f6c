import { largestMagnitude } from "../../base/largest-magnitude.js";
import {
  type ConvShape,
  type IntegerWeights,
  MOST_BYTE,
  type PlanStepOf,
  type Requantization,
  type Tail,
} from "../plan/plan.js";
import type { ByteProducts, KernelTarget } from "./kernel-target.js";
import type { Layout } from "./layout.js";
import {
  type BitKernel,
  columnSizes,
  type DenseKernel,
  filterSizes,
  LOOKED_UP_BLOCK,
  type Packing,
  packChoices,
  packColumns,
  packFloats,
  packIntegers,
  packSigns,
} from "./pack-filters.js";
import { placeTail, type Sums, TAIL_BYTES } from "./place-tail.js";

/** The numbers of kernels in wasm/assembly/conv.ts. */
const KERNELS = { floats: 0, shorts: 1, bytes: 2, signs: 3, ternary: 4 } as const;
type KernelName = keyof typeof KERNELS;

/** With fewer channels in a group, bits leave most of a word empty, and outputs cost more than products. */
const LEAST_SIGNS = 16;
const SEVEN_BITS = 127;
/** The largest sum of two magnitudes of weights whose products with 255 fit into 16 bits. */
const PAIR_LIMIT = 128;

/** Scratch memory of a thread, that all steps share. The signs are the same for all threads. */
export interface Scratch {
  readonly rows: number;
  readonly sums: number;
  readonly signs: number;
  readonly row: number;
}

/** How a convolution is computed, and the scratch memory that it needs. */
export interface ConvPlan {
  readonly kernel: KernelName;
  readonly isDepthwise: boolean;
  /** Of a depthwise convolution with filters in columns: their groups of rows; otherwise 0. */
  readonly rowGroups: number;
  readonly isDirect: boolean;
  readonly blockRows: number;
  readonly bytes: { readonly [K in keyof Scratch]: number };
}

/** Whether every pair of neighboring weights keeps within 16 bits with codes of 255. */
const pairsFit = ({ channels, groups }: ConvShape, { numbers }: IntegerWeights): boolean => {
  const own = channels / groups;
  for (let from = 0; from < numbers.length; from += own)
    for (let at = from; at < from + own; at += 2) {
      const next = at + 1 < from + own ? (numbers[at + 1] as number) : 0;
      if (Math.abs(numbers[at] as number) + Math.abs(next) > PAIR_LIMIT) return false;
    }
  return true;
};

/** Whether the input has two bytes per code. */
const hasShorts = (weights: PlanStepOf<"conv">["weights"]): boolean =>
  weights.kind === "integers" && weights.input.top > MOST_BYTE;

const multipliesBytes = (
  shape: ConvShape,
  weights: IntegerWeights,
  products: ByteProducts,
): boolean => {
  if (products === "none" || hasShorts(weights)) return false;
  if (weights.input.top <= SEVEN_BITS || products === "eight bits") return true;
  return products === "pairs of 16 bits" && pairsFit(shape, weights);
};

const kernelOf = ({ shape, weights }: PlanStepOf<"conv">, products: ByteProducts): KernelName => {
  if (weights.kind === "floats") return "floats";
  const { input, areSigns, numbers } = weights;
  const isSigned = areSigns && input.top - input.zero <= 1 && input.zero <= 1;
  if (isSigned && shape.channels / shape.groups >= LEAST_SIGNS)
    return numbers.includes(0) ? "ternary" : "signs";
  return multipliesBytes(shape, weights, products) ? "bytes" : "shorts";
};

const isDepthwise = ({ groups, channels, filters }: ConvShape): boolean =>
  groups > 1 && groups === channels && groups === filters;

const isPointwise = ({ kernel, stride, padding, groups }: ConvShape): boolean =>
  groups === 1 && Math.max(...kernel, ...stride) === 1 && Math.max(...padding) === 0;

export const isOfSigns = (kernel: KernelName): kernel is BitKernel =>
  kernel === "signs" || kernel === "ternary";

/** Whether the positions of the input are the rows of a product. */
const isInPlace = (shape: ConvShape, kernel: KernelName): boolean => {
  if (!isPointwise(shape) || kernel === "shorts") return false;
  return kernel !== "bytes" || shape.channels % 4 === 0;
};

const columnsOf = (step: PlanStepOf<"conv">, kernel: KernelName): number =>
  kernel === "bytes" && step.weights.kind === "integers" && step.weights.areHalved ? 1 : 0;

const LARGEST_SHORT = 2 ** 15 - 1;
/** Fewer words than these are not worth adding to memory. */
const LEAST_RUN = 4;

/**
 * The words whose products add up to 16 bits, of a convolution of bytes; 0 if they are few, or one instruction multiplies and adds
 * in 32 bits.
 */
const runOf = (
  { weights }: PlanStepOf<"conv">,
  kernel: KernelName,
  products: ByteProducts,
): number => {
  if (kernel !== "bytes" || weights.kind === "floats" || products === "eight bits") return 0;
  const largest = Math.max(1, largestMagnitude(weights.numbers));
  // A lane of 16 bits gets two products of every word.
  const run = Math.floor(LARGEST_SHORT / (2 * largest * weights.input.top));
  return run < LEAST_RUN ? 0 : run;
};

/** Whether the channels of a position fill their words, so that adjacent taps can be copied together. */
const isDense = (
  { channels, groups, dilation }: ConvShape,
  kernel: KernelName,
  tapWords: number,
): boolean => {
  if (groups > 1 || dilation[1] > 1) return false;
  if (isOfSigns(kernel)) return true;
  const perWord = { floats: 1, shorts: 2, bytes: 4 }[kernel];
  return channels === tapWords * perWord;
};

const packingOf = (
  step: PlanStepOf<"conv">,
  kernel: KernelName,
  { block, lanes, signProducts }: KernelTarget,
): Packing => {
  const areLookedUp = isOfSigns(kernel) && signProducts !== "counts";
  return {
    block: areLookedUp ? LOOKED_UP_BLOCK : block,
    lanes,
    extra: columnsOf(step, kernel),
    areLookedUp,
  };
};

/** Bytes of a word of a row: two numbers of bits, or one byte that selects a table. */
const wordBytes = (kernel: KernelName, { areLookedUp }: Packing): number => {
  if (areLookedUp) return 1;
  return isOfSigns(kernel) ? 8 : 4;
};

/** A group of rows of a column, for 8 channels. */
const GROUP_BYTES = 32;
/** Bytes of columns that stay in the first-level cache, with their sums and rows of codes; and the most that a window may have. */
const COLUMN_BYTES = { some: 8192, most: 65536 };

/** Whether bytes of columns are multiplied exactly: their words hold rows of one channel, all next to each other. */
const multipliesColumns = (weights: IntegerWeights, products: ByteProducts): boolean => {
  if (products === "none") return false;
  if (weights.input.top <= SEVEN_BITS || products === "eight bits") return true;
  return products === "pairs of 16 bits" && 2 * largestMagnitude(weights.numbers) <= PAIR_LIMIT;
};

/** The kernel of a depthwise convolution in columns; null if it is not computed so. */
const planColumns = (
  { shape, weights, requantization }: PlanStepOf<"conv">,
  { byteProducts, hasColumns }: KernelTarget,
): ConvPlan | null => {
  if (!hasColumns || !requantization || weights.kind === "floats") return null;
  if (weights.areHalved || hasShorts(weights)) return null;
  const { channels, outWidth } = shape;
  const kernel = multipliesColumns(weights, byteProducts) ? "bytes" : "shorts";
  const { perWord, groups } = columnSizes(shape, kernel);
  const bytes = GROUP_BYTES * groups;
  const window = (shape.kernel[1] - 1) * shape.dilation[1] + 1;
  if (window * bytes > COLUMN_BYTES.most) return null;
  const room = Math.floor((COLUMN_BYTES.some / bytes - window) / shape.stride[1]) + 1;
  const blocks = Math.ceil(outWidth / Math.max(1, room));
  const blockRows = Math.ceil(outWidth / blocks);
  const columns = (blockRows - 1) * shape.stride[1] + window;
  return {
    kernel,
    isDepthwise: true,
    rowGroups: groups,
    isDirect: false,
    blockRows,
    bytes: {
      // The addresses of a window's rows, a row of zeros, and columns.
      rows: 4 * perWord * groups + channels + 8 + GROUP_BYTES + columns * bytes,
      sums: GROUP_BYTES * (blockRows + 1),
      signs: 0,
      row: 0,
    },
  };
};

const planDepthwise = ({ shape, weights }: PlanStepOf<"conv">): ConvPlan => {
  const { channels, filters } = shape;
  const kernel = weights.kind === "floats" ? "floats" : "shorts";
  // The addresses of a window's taps, and a row of zeros.
  const rows = 4 * shape.kernel[0] * shape.kernel[1] + channels + 8;
  const bytes = { rows, sums: 4 * (channels + 8), signs: 0, row: 4 * filters };
  return { kernel, isDepthwise: true, rowGroups: 0, isDirect: false, blockRows: 1, bytes };
};

/** Chooses the kernel of a convolution. */
export const planConv = (step: PlanStepOf<"conv">, target: KernelTarget): ConvPlan => {
  const { shape } = step;
  const { height, width, filters, groups, outHeight, outWidth } = shape;
  if (isDepthwise(shape)) return planColumns(step, target) ?? planDepthwise(step);
  const kernel = kernelOf(step, target.byteProducts);
  const isDirect = isInPlace(shape, kernel);
  const packing = packingOf(step, kernel, target);
  const { words, tapWords, blocks } = filterSizes(shape, kernel, packing);
  const rowBytes = words * wordBytes(kernel, packing);
  const sumBytes = groups * blocks * packing.block * 4;
  const { tileRows } = target;
  const wanted = Math.floor(target.blockBytes / Math.max(isDirect ? 0 : rowBytes, sumBytes));
  const most = Math.max(tileRows, wanted - (wanted % tileRows));
  const blockRows = Math.min(most, outHeight * outWidth);
  return {
    kernel,
    isDepthwise: false,
    rowGroups: 0,
    isDirect,
    blockRows,
    bytes: {
      rows: isDirect ? 0 : blockRows * rowBytes,
      sums: (blockRows + tileRows) * sumBytes,
      signs: isOfSigns(kernel)
        ? height * width * groups * tapWords * wordBytes(kernel, packing)
        : 0,
      row: 4 * filters,
    },
  };
};

/** Integer biases, and what the zero of the codes adds to a sum of codes times weights, negated: [filters]. */
const constantsOf = (
  { numbers, areHalved, input }: IntegerWeights,
  filters: number,
  bias: Int32Array | null,
): Int32Array | null => {
  if (input.zero === 0) return bias;
  const size = numbers.length / filters;
  return Int32Array.from({ length: filters }, (_, filter) => {
    let sum = 0;
    for (let at = filter * size; at < (filter + 1) * size; at++)
      sum += areHalved ? 2 * (numbers[at] as number) + 1 : (numbers[at] as number);
    return (bias?.[filter] ?? 0) - input.zero * sum;
  });
};

/** A bound of the magnitudes of sums: every code and weight is the largest one. */
const mostSum = ({ numbers, areHalved, input }: IntegerWeights, filters: number): number => {
  const weight = largestMagnitude(numbers);
  const code = Math.max(input.top - input.zero, input.zero);
  return (numbers.length / filters) * (areHalved ? 2 * weight + 1 : weight) * code;
};

const sumsOf = ({ weights, shape, requantization }: PlanStepOf<"conv">, plan: ConvPlan): Sums => {
  if (weights.kind === "floats") return { kind: "floats" };
  const bias = requantization?.bias ?? null;
  const hasZero = (!plan.isDepthwise || plan.rowGroups > 0) && !isOfSigns(plan.kernel);
  return {
    kind: "integers",
    areHalved: weights.areHalved && plan.kernel === "bytes",
    constant: hasZero ? constantsOf(weights, shape.filters, bias) : bias,
    factor: requantization ? null : weights.factor,
    mostSum: () => mostSum(weights, shape.filters),
  };
};

/** The largest magnitudes of the sums of filters. */
const largestSums = (
  { numbers, areHalved, input }: IntegerWeights,
  { bias }: Requantization,
): number[] => {
  const size = numbers.length / bias.length;
  const largestCode = Math.max(input.top - input.zero, input.zero);
  return Array.from(bias, (constant, filter) => {
    let sum = 0;
    for (let at = filter * size; at < (filter + 1) * size; at++) {
      const number = numbers[at] as number;
      sum += Math.abs(areHalved ? 2 * number + 1 : number);
    }
    return Math.abs(constant) + sum * largestCode;
  });
};

/** Weights of a tap of a depthwise convolution, with room for vectors. */
const depthwiseStride = ({ channels }: ConvShape): number => Math.ceil(channels / 8) * 8;

/** Weights of a depthwise convolution as [taps, channels]. */
const packDepthwise = ({ shape, weights }: PlanStepOf<"conv">, stride: number) => {
  const { channels, kernel } = shape;
  const taps = kernel[0] * kernel[1];
  const packed = new (weights.kind === "floats" ? Float32Array : Int16Array)(taps * stride);
  const isWhole = weights.kind === "integers" && weights.areHalved;
  for (let channel = 0; channel < channels; channel++)
    for (let tap = 0; tap < taps; tap++) {
      const number = weights.numbers[channel * taps + tap] as number;
      packed[tap * stride + channel] = isWhole ? 2 * number + 1 : number;
    }
  return packed;
};

const packed = (
  step: PlanStepOf<"conv">,
  { kernel, isDepthwise, rowGroups }: ConvPlan,
  packing: Packing,
) => {
  const { shape, weights } = step;
  if (rowGroups > 0 && weights.kind === "integers")
    return packColumns(shape, weights, kernel === "bytes" ? kernel : "shorts");
  if (isDepthwise) return packDepthwise(step, depthwiseStride(shape));
  if (weights.kind === "floats") return packFloats(shape, weights, packing);
  if (isOfSigns(kernel))
    return (packing.areLookedUp ? packChoices : packSigns)(shape, weights, kernel, packing);
  return packIntegers(shape, weights, kernel as Exclude<DenseKernel, "floats">, packing);
};

/** Where a convolution finds what it needs. */
export interface ConvPlace {
  readonly target: KernelTarget;
  /** Of every thread. */
  readonly scratch: readonly Scratch[];
  readonly tail: Tail;
  /** Addresses of values. */
  readonly input: number;
  readonly output: number;
}

/** Bytes of a description of a convolution, from that of a thread to that of the next. */
export const CONV_BYTES = 192;

/** Places a convolution's weights and a description for every thread in memory, and returns the address of the first description. */
export const placeConv = (
  layout: Layout,
  step: PlanStepOf<"conv">,
  plan: ConvPlan,
  { target, scratch, tail, input, output }: ConvPlace,
): number => {
  const { shape, weights } = step;
  const { kernel, isDirect, blockRows } = plan;
  const packing = packingOf(step, kernel, target);
  const sizes = filterSizes(shape, kernel, packing);
  const filters = packed(step, plan, packing);
  const tailAt = placeTail(layout, tail, {
    channels: shape.filters,
    sums: sumsOf(step, plan),
    rowsAt: scratch.map(({ row }) => row),
    requantization: step.requantization,
    largestSums:
      step.requantization && weights.kind === "integers"
        ? largestSums(weights, step.requantization)
        : [],
  });
  const filtersAt = layout.place(filters);
  const descriptions = new Int32Array((CONV_BYTES / 4) * scratch.length);
  for (const [thread, { rows, sums, signs }] of scratch.entries())
    descriptions.set(
      [
        input,
        output,
        shape.height,
        shape.width,
        shape.channels,
        shape.outHeight,
        shape.outWidth,
        shape.filters,
        shape.groups,
        ...shape.kernel,
        ...shape.stride,
        shape.padding[0],
        shape.padding[1],
        ...shape.dilation,
        KERNELS[kernel],
        filtersAt,
        filters.byteLength / shape.groups,
        plan.isDepthwise ? depthwiseStride(shape) : sizes.tapWords,
        plan.isDepthwise ? plan.rowGroups : sizes.words,
        (sizes.blocks * packing.block) / target.block,
        weights.kind === "integers" ? weights.input.zero : 0,
        isDirect ? 1 : 0,
        blockRows,
        rows,
        sums,
        signs,
        tailAt + thread * TAIL_BYTES,
        runOf(step, kernel, target.byteProducts),
        isDense(shape, kernel, sizes.tapWords) ? 1 : 0,
        hasShorts(weights) ? 1 : 0,
        target.signProducts === "relaxed look-ups" ? 1 : 0,
      ],
      (thread * CONV_BYTES) / 4,
    );
  return layout.place(descriptions);
};
