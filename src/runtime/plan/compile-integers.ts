import { largestMagnitude } from "../../base/largest-magnitude.js";
import { slide } from "../../base/sliding-window.js";
import { isMaps, type MapShape, type Shape } from "../../graph/shape.js";
import { dividedBy, multiplyFixed } from "../../integer/fixed-point.js";
import type {
  ConvStep,
  IntegerGrid,
  IntegerOutput,
  IntegerPlan,
  IntegerStep,
  IntegerValue,
  JoinStep,
  MeanStep,
  MoveStep,
  PoolStep,
} from "../../integer/integer-plan.js";
import { pairCodes, rescaleCodes } from "../../integer/joins.js";
import { placeValues } from "./arena.js";
import { channelsLast } from "./integer-weights.js";
import {
  type Codes,
  FLOATS,
  type Format,
  type IntegerWeights,
  type Plan,
  type PlanStep,
  type PlanValue,
  type Tail,
  type ValueIndex,
} from "./plan.js";

/** Codes of a byte. */
const BYTES = 256;
const MOST_WEIGHT = 127;
const MOST_CODE = 255;
/** The largest sum with which the kernels' 32 bits suffice for all that follows. */
const MOST_SUM = 2 ** 30;

const IDENTITY: Tail = {
  bias: null,
  affine: null,
  activation: { kind: "identity" },
  shuffleGroups: 1,
};

/** A plan under construction. */
interface Draft {
  readonly values: Omit<PlanValue, "offset">[];
  readonly steps: PlanStep[];
  readonly byName: Map<string, ValueIndex>;
  readonly rounding: IntegerPlan["rounding"];
}

/** Thrown where the kernels cannot compute with a net's integers; its plan is then one of floats. */
class NoKernel extends Error {}

const asMaps = (shape: Shape): MapShape => (isMaps(shape) ? shape : [1, 1, shape[0] as number]);

/** Codes from 0 instead of codes with a sign. */
const codesOf = ({ scale, zero, least, most }: IntegerGrid): Codes => ({
  kind: "codes",
  levels: 1,
  zero: zero - least,
  top: most - least,
  scale,
});

const add = (draft: Draft, name: string, shape: Shape, format: Format): ValueIndex => {
  const index = draft.values.push({ name, shape: asMaps(shape), format }) - 1;
  draft.byName.set(name, index);
  return index;
};

const addCoded = (draft: Draft, { name, shape, grid }: IntegerValue): ValueIndex =>
  add(draft, name, shape, codesOf(grid));

const indexOf = (draft: Draft, { name }: Pick<IntegerValue, "name">): ValueIndex =>
  draft.byName.get(name) as ValueIndex;

/** Limits and zero of an output for codes from 0. */
const limitsOf = ({ grid, low, high }: IntegerOutput) => ({
  zero: grid.zero - grid.least,
  low: low - grid.least,
  high: high - grid.least,
});

/** The largest sum that a layer can have. */
const largestSum = ({ weights, filters, bias }: ConvStep, largestWeight: number): number =>
  (weights.length / filters) * largestWeight * MOST_CODE + largestMagnitude(bias);

const weightsOf = (step: ConvStep): IntegerWeights => {
  const { weights, filters, geometry, input, scales } = step;
  const size = weights.length / filters;
  const [kh, kw] = geometry.kernel;
  const shape = [filters, size / (kh * kw), kh, kw];
  const numbers = channelsLast(shape, weights, new Int8Array(weights.length));
  return {
    kind: "integers",
    numbers,
    areHalved: false,
    areSigns: false,
    factor: Float32Array.from(scales, (scale) => input.grid.scale * scale),
    input: codesOf(input.grid),
  };
};

const addConv = (draft: Draft, step: ConvStep): void => {
  const { name, input, geometry, filters, outputs, bias, scales } = step;
  const [height, width, channels] = asMaps(input.shape);
  const [outHeight, outWidth] = slide(height, width, geometry);
  const sides = { height, width, channels, outHeight, outWidth };
  const shape = { ...sides, ...geometry, filters };
  const largestWeight = largestMagnitude(step.weights);
  if (largestWeight > MOST_WEIGHT) throw new NoKernel();
  const shared = {
    kind: "conv" as const,
    name,
    shape,
    weights: weightsOf(step),
    input: indexOf(draft, input),
  };
  const largest = largestSum(step, largestWeight);
  for (const own of outputs) {
    const mostShift = own.multipliers.reduce((most, { shift }) => Math.max(most, shift), 0);
    if (largest * 2 ** mostShift > MOST_SUM) throw new NoKernel();
    const requantization = { bias, multipliers: own.multipliers, ...limitsOf(own) };
    const output = addCoded(draft, own);
    draft.steps.push({ ...shared, output, tail: IDENTITY, requantization });
  }
  if (!step.isOutput) return;
  const floats = Float32Array.from(
    bias,
    (sum, filter) => sum * (input.grid.scale * (scales[filter] as number)),
  );
  const output = add(draft, name, step.shape, FLOATS);
  draft.steps.push({ ...shared, output, tail: { ...IDENTITY, bias: floats } });
};

const addJoin = (draft: Draft, step: JoinStep): void => {
  if (step.inputs.length !== 2) throw new NoKernel();
  const inputs = step.inputs.map((input) => indexOf(draft, input));
  for (const own of step.outputs) {
    const [one, other] = step.inputs as [IntegerValue, IntegerValue];
    const table = pairCodes(step.kind, [one.grid, other.grid], own, draft.rounding);
    draft.steps.push({ kind: "join", inputs, table, output: addCoded(draft, own) });
  }
};

const addPool = (draft: Draft, step: PoolStep): void => {
  const { kernel, stride, padding, countsPadding } = step;
  const [height, width, channels] = asMaps(step.input.shape);
  const [outHeight, outWidth] = asMaps(step.output.shape);
  const sides = { height, width, channels, outHeight, outWidth };
  const window = { ...sides, kernel, stride, padding, dilation: [1, 1] as const };
  const shared = { input: indexOf(draft, step.input), output: addCoded(draft, step.output) };
  draft.steps.push(
    step.kind === "maxPool"
      ? { kind: "maxPool", window, ...shared }
      : { kind: "meanPool", window, countsPadding, ...shared },
  );
};

const addMean = (draft: Draft, step: MeanStep): void => {
  const [height, width, channels] = asMaps(step.input.shape);
  const input = indexOf(draft, step.input);
  for (const own of step.outputs) {
    const ratio = dividedBy(rescaleCodes(step.input.grid, own.grid), height * width);
    const requantization = { multipliers: [ratio], ...limitsOf(own) };
    draft.steps.push({ kind: "mean", input, requantization, output: addCoded(draft, own) });
  }
  if (!step.isOutput) return;
  const floats = add(draft, `${step.name}/floats`, step.input.shape, FLOATS);
  draft.steps.push({ kind: "values", input, output: floats });
  const output = add(draft, step.name, [1, 1, channels], FLOATS);
  draft.steps.push({ kind: "globalPool", function: "mean", input: floats, output });
};

const addMap = (
  draft: Draft,
  { input, output }: { readonly input: IntegerValue; readonly output: IntegerValue },
  codeOf: (code: number) => number,
): void => {
  const { least, most } = input.grid;
  const table = Uint8Array.from(
    { length: BYTES },
    (_, at) => codeOf(Math.min(at + least, most)) - output.grid.least,
  );
  draft.steps.push({
    kind: "map",
    table,
    input: indexOf(draft, input),
    output: addCoded(draft, output),
  });
};

const addMove = (draft: Draft, { node, inputs, part, output: value }: MoveStep): void => {
  const from = inputs.map((input) => indexOf(draft, input));
  const [input] = from as [ValueIndex];
  const output = addCoded(draft, value);
  const one = { input, output };
  switch (node.kind) {
    case "concat":
      draft.steps.push({ kind: "concat", inputs: from, output });
      return;
    case "flatten":
    case "reshape":
      draft.steps.push({ kind: "reshape", ...one });
      return;
    case "shuffle":
      draft.steps.push({ kind: "shuffle", groups: node.groups, ...one });
      return;
    case "pixelShuffle":
      draft.steps.push({ kind: "pixelShuffle", factor: node.factor, ...one });
      return;
    case "split": {
      const firstChannel = node.sizes.slice(0, part).reduce((sum, size) => sum + size, 0);
      draft.steps.push({ kind: "slice", firstChannel, ...one });
      return;
    }
    case "pad": {
      const { zero } = codesOf(value.grid);
      const { padding, channels: [channelsBefore] = [0, 0] } = node;
      draft.steps.push({ kind: "pad", padding, channelsBefore, value: zero, ...one });
      return;
    }
    case "resize":
      draft.steps.push({ kind: "resize", method: "nearest", alignsCorners: false, ...one });
      return;
    default:
      throw new NoKernel();
  }
};

const addStep = (draft: Draft, step: IntegerStep): void => {
  switch (step.kind) {
    case "conv":
      addConv(draft, step);
      return;
    case "add":
    case "multiply":
      addJoin(draft, step);
      return;
    case "maxPool":
    case "averagePool":
      addPool(draft, step);
      return;
    case "mean":
      addMean(draft, step);
      return;
    case "clamp": {
      const { low, high } = step.output;
      addMap(draft, step, (code) => Math.min(Math.max(code, low), high));
      return;
    }
    case "rescale": {
      const { input, output } = step;
      const ratio = rescaleCodes(input.grid, output.grid);
      addMap(draft, step, (code) => {
        const own = multiplyFixed(code - input.grid.zero, ratio, draft.rounding) + output.grid.zero;
        return Math.min(Math.max(own, output.low), output.high);
      });
      return;
    }
    case "table":
      addMap(draft, step, (code) => step.table[code - step.input.grid.least] as number);
      return;
    case "move":
      addMove(draft, step);
      return;
  }
};

/**
 * Compiles a net of integers to steps on codes: every one has the code of the integer executor (integer/run-integers.ts), counted from
 * 0. Undefined if the kernels do not suffice, as for weights with zero points.
 * @param images the name of the images
 */
export const compileIntegers = (plan: IntegerPlan, images: string): Plan | undefined => {
  const draft: Draft = { values: [], steps: [], byName: new Map(), rounding: plan.rounding };
  const input = add(draft, images, plan.input.shape, FLOATS);
  draft.steps.push({ kind: "quantize", input, output: addCoded(draft, plan.input) });
  try {
    for (const step of plan.steps) addStep(draft, step);
  } catch (error) {
    if (error instanceof NoKernel) return undefined;
    throw error;
  }
  let output = draft.byName.get(plan.output) as ValueIndex;
  if (draft.values[output]?.format.kind === "codes") {
    const floats = add(draft, plan.output, plan.outputShape, FLOATS);
    draft.steps.push({ kind: "values", input: output, output: floats });
    output = floats;
  }
  const { values, arenaBytes } = placeValues(draft.values, draft.steps, output);
  return { values, steps: draft.steps, input, output, arenaBytes };
};
