import { slide } from "../base/sliding-window.js";
import { isMaps, type MapShape, type Shape, sizeOf } from "../graph/shape.js";
import { dividedBy, multiplyFixed, type Rounding, roundAway } from "./fixed-point.js";
import type {
  ConvStep,
  IntegerOutput,
  IntegerPlan,
  IntegerStep,
  IntegerValue,
  MeanStep,
  PoolStep,
} from "./integer-plan.js";
import { addCodes, multiplyCodes, rescaleCodes } from "./joins.js";

/** Codes of every value of a plan for one image, channels last. */
type Codes = Map<string, Int32Array>;

const asMap = (shape: Shape): MapShape => (isMaps(shape) ? shape : [1, 1, shape[0] as number]);

const clamped = (code: number, { low, high }: IntegerOutput): number =>
  Math.min(Math.max(code, low), high);

const read = (codes: Codes, { name }: IntegerValue): Int32Array => codes.get(name) as Int32Array;

/** The int32 sums of a convolution, [h, w, filters]. Padding has the zero point of the input, so that it adds 0. */
const convSums = (step: ConvStep, x: Int32Array): Int32Array => {
  const { input, geometry, weights, filters, bias } = step;
  const [height, width, channels] = asMap(input.shape);
  const { kernel, stride, padding, dilation, groups } = geometry;
  const [rows, columns] = slide(height, width, geometry);
  const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
  const [kh, kw] = kernel;
  const { zero } = input.grid;
  const sums = new Int32Array(rows * columns * filters);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let filter = 0; filter < filters; filter++) {
        const first = Math.floor(filter / filtersPerGroup) * perGroup;
        let sum = bias[filter] as number;
        for (let ky = 0; ky < kh; ky++) {
          const y = row * stride[0] - padding[0] + ky * dilation[0];
          if (y < 0 || y >= height) continue;
          for (let kx = 0; kx < kw; kx++) {
            const at = column * stride[1] - padding[1] + kx * dilation[1];
            if (at < 0 || at >= width) continue;
            const from = (y * width + at) * channels + first;
            const own = (filter * perGroup * kh + ky) * kw + kx;
            for (let channel = 0; channel < perGroup; channel++)
              sum +=
                ((x[from + channel] as number) - zero) *
                (weights[own + channel * kh * kw] as number);
          }
        }
        sums[(row * columns + column) * filters + filter] = sum;
      }
  return sums;
};

const runConv = (step: ConvStep, codes: Codes, rounding: Rounding): Float64Array | null => {
  const sums = convSums(step, read(codes, step.input));
  const { filters } = step;
  for (const output of step.outputs) {
    const own = sums.map((sum, index) => {
      const multiplier = output.multipliers[index % filters];
      if (!multiplier) throw new Error("Every filter has a multiplier.");
      return clamped(multiplyFixed(sum, multiplier, rounding) + output.grid.zero, output);
    });
    codes.set(output.name, own);
  }
  if (!step.isOutput) return null;
  const { scale } = step.input.grid;
  return Float64Array.from(
    sums,
    (sum, index) => sum * (scale * (step.scales[index % filters] as number)),
  );
};

/** The numbers of codes in a window, and what they are combined to. */
const runPool = (step: PoolStep, x: Int32Array): Int32Array => {
  const { input, kernel, stride, padding, countsPadding, output } = step;
  const [height, width, channels] = asMap(input.shape);
  const [rows, columns] = asMap(output.shape);
  const isMean = step.kind === "averagePool";
  const result = new Int32Array(rows * columns * channels);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let channel = 0; channel < channels; channel++) {
        let [sum, count, most] = [0, 0, Number.NEGATIVE_INFINITY];
        for (let ky = 0; ky < kernel[0]; ky++)
          for (let kx = 0; kx < kernel[1]; kx++) {
            const y = row * stride[0] - padding[0] + ky;
            const at = column * stride[1] - padding[1] + kx;
            const isInside = y >= 0 && y < height && at >= 0 && at < width;
            const isPadding = y < height + padding[2] && at < width + padding[3];
            if (!isInside && !(countsPadding && isPadding)) continue;
            const code = isInside
              ? (x[(y * width + at) * channels + channel] as number)
              : input.grid.zero;
            sum += code;
            count++;
            most = Math.max(most, code);
          }
        // Halves away from 0, of the codes themselves (TensorFlow Lite's AveragePool of int8).
        result[(row * columns + column) * channels + channel] = isMean
          ? roundAway(sum / count)
          : most;
      }
  return result;
};

/** Sums without zero points, brought to the output's scale and divided by one multiplier (TensorFlow Lite's Mean of int8). */
const runMean = (step: MeanStep, codes: Codes, rounding: Rounding): Float64Array | null => {
  const x = read(codes, step.input);
  const [height, width, channels] = asMap(step.input.shape);
  const area = height * width;
  const sums = new Int32Array(channels);
  x.forEach((code, index) => {
    sums[index % channels] = (sums[index % channels] as number) + code - step.input.grid.zero;
  });
  for (const output of step.outputs) {
    const ratio = dividedBy(rescaleCodes(step.input.grid, output.grid), area);
    const own = sums.map((sum) =>
      clamped(multiplyFixed(sum, ratio, rounding) + output.grid.zero, output),
    );
    codes.set(output.name, own);
  }
  return step.isOutput
    ? Float64Array.from(sums, (sum) => (sum * step.input.grid.scale) / area)
    : null;
};

const runStep = (step: IntegerStep, codes: Codes, rounding: Rounding): Float64Array | null => {
  switch (step.kind) {
    case "conv":
      return runConv(step, codes, rounding);
    case "add":
    case "multiply": {
      const inputs = step.inputs.map((input) => read(codes, input));
      const join = step.kind === "add" ? addCodes : multiplyCodes;
      for (const output of step.outputs)
        codes.set(output.name, join(inputs, step.inputs, output, rounding));
      return null;
    }
    case "maxPool":
    case "averagePool":
      codes.set(step.output.name, runPool(step, read(codes, step.input)));
      return null;
    case "mean":
      return runMean(step, codes, rounding);
    case "clamp":
      codes.set(
        step.output.name,
        read(codes, step.input).map((code) => clamped(code, step.output)),
      );
      return null;
    case "rescale": {
      const { input, output } = step;
      const ratio = rescaleCodes(input.grid, output.grid);
      const own = read(codes, input).map((code) =>
        clamped(multiplyFixed(code - input.grid.zero, ratio, rounding) + output.grid.zero, output),
      );
      codes.set(output.name, own);
      return null;
    }
    case "table": {
      const { least } = step.input.grid;
      const own = read(codes, step.input).map((code) => step.table[code - least] as number);
      codes.set(step.output.name, own);
      return null;
    }
    case "move": {
      const all = step.inputs.map((input) => read(codes, input));
      const joined = new Int32Array(all.reduce((sum, { length }) => sum + length, 0));
      let start = 0;
      for (const each of all) {
        joined.set(each, start);
        start += each.length;
      }
      const { zero } = step.output.grid;
      const own = step.sources.map((source) => (source < 0 ? zero : (joined[source] as number)));
      codes.set(step.output.name, own);
      return null;
    }
  }
};

/** What a plan computes for one image. */
export interface IntegerRun {
  /** The output of the net in real numbers, channels last. */
  readonly output: Float64Array;
  /** The codes of every value by its name, channels last. */
  readonly codes: ReadonlyMap<string, Int32Array>;
}

/**
 * Runs a plan on an image [h, w, c] with integers only, apart from the codes of the image itself and the scale of the output.
 * It is the meaning of the net that exports are compared with, not fast.
 */
export const runIntegers = (plan: IntegerPlan, image: Float32Array): IntegerRun => {
  const { input, steps, rounding, output } = plan;
  if (image.length !== sizeOf(input.shape))
    throw new Error(`The image has ${image.length} numbers, not ${sizeOf(input.shape)}.`);
  const { scale, zero, least, most } = input.grid;
  const inverse = Math.fround(1 / scale);
  const codes: Codes = new Map([
    [
      input.name,
      Int32Array.from(image, (x) => {
        const code = roundToEven(Math.fround(x * inverse)) + zero;
        return Math.min(Math.max(code, least), most);
      }),
    ],
  ]);
  let real: Float64Array | null = null;
  for (const step of steps) real = runStep(step, codes, rounding) ?? real;
  const own = codes.get(output);
  if (!own && real) return { output: real, codes };
  const last = steps.at(-1);
  const grid =
    last && "output" in last
      ? last.output.grid
      : last && "outputs" in last
        ? last.outputs[0]?.grid
        : undefined;
  if (!own || !grid) throw new Error("A plan has an output.");
  return { output: Float64Array.from(own, (code) => grid.scale * (code - grid.zero)), codes };
};

/** Rounds halves to even, as the float net rounds its images. */
const roundToEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
};
