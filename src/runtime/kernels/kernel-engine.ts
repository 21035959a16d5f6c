import { engineOfSteps, type PlanEngine } from "../engine.js";
import {
  type Codes,
  numberBytes,
  type Plan,
  type PlanStep,
  type PlanStepOf,
  type PlanValue,
  type PlanWindow,
  type Tail,
  type ValueIndex,
} from "../plan/plan.js";
import { activationFunction } from "../reference/activate.js";
import { codeValues } from "../reference/elementwise.js";
import { type Memory, storedValue } from "../reference/memory.js";
import { referenceStep } from "../reference/reference-step.js";
import type { Kernels, KernelTarget } from "./kernel-target.js";
import { createLayout, type Layout } from "./layout.js";
import { type ConvPlan, placeConv, planConv, type Scratch } from "./place-conv.js";
import { hasKernel, placeTail } from "./place-tail.js";

/** A step that runs with the kernels once they exist. */
type Prepared = (kernels: Kernels, memory: Memory) => () => void;

interface Preparation {
  readonly plan: Plan;
  readonly target: KernelTarget;
  readonly layout: Layout;
  readonly scratch: Scratch;
  readonly arena: number;
  readonly convs: ReadonlyMap<PlanStep, ConvPlan>;
}

const addressOf = ({ plan, arena }: Preparation, index: ValueIndex): number =>
  arena + (plan.values[index] as PlanValue).offset;

const positionsOf = ({ shape: [height, width] }: PlanValue): number => height * width;

/** Applies an activation without a kernel to stored floats. */
const activateStored = ({ plan }: Preparation, { output }: PlanStep, tail: Tail): Prepared => {
  const activate = activationFunction(tail.activation);
  return (_, memory) => {
    const { numbers } = storedValue(plan, memory, output);
    return () => {
      for (let at = 0; at < numbers.length; at++) numbers[at] = activate(numbers[at] as number);
    };
  };
};

/** Runs one step after the other. */
const both =
  (first: Prepared, second: Prepared): Prepared =>
  (kernels, memory) => {
    const [one, other] = [first(kernels, memory), second(kernels, memory)];
    return () => {
      one();
      other();
    };
  };

/** A tail without the activation that has no kernel, which then runs on the outputs. */
const withKernel = (
  preparation: Preparation,
  step: PlanStepOf<"conv" | "tail">,
  prepare: (tail: Tail) => Prepared,
): Prepared => {
  const { tail } = step;
  if (hasKernel(tail.activation)) return prepare(tail);
  const first = prepare({ ...tail, activation: { kind: "identity" } });
  return both(first, activateStored(preparation, step, tail));
};

const prepareConv = (preparation: Preparation, step: PlanStepOf<"conv">): Prepared => {
  const { layout, scratch } = preparation;
  const plan = preparation.convs.get(step) as ConvPlan;
  return withKernel(preparation, step, (tail) => {
    const [input, output] = [step.input, step.output].map((index) => addressOf(preparation, index));
    const at = placeConv(layout, step, plan, {
      target: preparation.target,
      scratch,
      tail,
      input: input as number,
      output: output as number,
    });
    const end = step.shape.outHeight * step.shape.outWidth;
    if (plan.isDepthwise)
      return ({ convolveDepthwise }) =>
        () =>
          convolveDepthwise(at, 0, end);
    if (plan.kernel !== "signs" && plan.kernel !== "ternary")
      return ({ convolve }) =>
        () =>
          convolve(at, 0, end);
    return ({ convolve, packInput }) =>
      () => {
        packInput(at);
        convolve(at, 0, end);
      };
  });
};

const prepareTail = (preparation: Preparation, step: PlanStepOf<"tail">): Prepared =>
  withKernel(preparation, step, (tail) => {
    const { layout, scratch, plan } = preparation;
    const value = plan.values[step.input] as PlanValue;
    const [, , channels] = value.shape;
    const sums = { kind: "floats" } as const;
    const at = placeTail(layout, tail, { channels, sums, rowAt: scratch.row });
    const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
    return ({ finishValues }) =>
      () =>
        finishValues(at, from, to, positionsOf(value));
  });

const placeWindow = (
  preparation: Preparation,
  step: PlanStepOf<"maxPool" | "averagePool" | "sumPool">,
  { shares, zero }: { shares: Float32Array | null; zero: number },
): number => {
  const { window }: { window: PlanWindow } = step;
  return preparation.layout.place(
    Int32Array.of(
      addressOf(preparation, step.input),
      addressOf(preparation, step.output),
      window.height,
      window.width,
      window.channels,
      window.outHeight,
      window.outWidth,
      ...window.kernel,
      ...window.stride,
      window.padding[0],
      window.padding[1],
      preparation.layout.place(shares),
      zero,
    ),
  );
};

const preparePool = (
  preparation: Preparation,
  step: PlanStepOf<"maxPool" | "averagePool" | "sumPool">,
): Prepared => {
  const { format } = preparation.plan.values[step.input] as PlanValue;
  const shares = step.kind === "averagePool" ? step.areas.map((area) => 1 / area) : null;
  const zero = format.kind === "codes" ? format.zero : 0;
  const at = placeWindow(preparation, step, { shares, zero });
  if (format.kind === "floats")
    return ({ poolFloats }) =>
      () =>
        poolFloats(at);
  const { format: sums } = preparation.plan.values[step.output] as PlanValue;
  if (numberBytes(sums) === 2)
    return ({ sumShorts }) =>
      () =>
        sumShorts(at);
  return ({ poolCodes }) =>
    () =>
      poolCodes(at, step.kind === "sumPool" ? 1 : 0);
};

const prepareAdd = (preparation: Preparation, { inputs, output }: PlanStepOf<"add">): Prepared => {
  const { length } = storedLength(preparation.plan, output);
  const [first, ...others] = inputs.map((index) => addressOf(preparation, index));
  const to = addressOf(preparation, output);
  return ({ addFloats }) =>
    () => {
      for (const [at, other] of others.entries())
        addFloats(at === 0 ? (first as number) : to, other, to, length);
    };
};

const storedLength = ({ values }: Plan, index: ValueIndex): { readonly length: number } => {
  const { shape } = values[index] as PlanValue;
  return { length: shape[0] * shape[1] * shape[2] };
};

const prepareValues = (preparation: Preparation, step: PlanStepOf<"values">): Prepared => {
  const value = preparation.plan.values[step.input] as PlanValue;
  const table = preparation.layout.place(codeValues(value));
  const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
  const { length } = storedLength(preparation.plan, step.input);
  return ({ lookUp }) =>
    () =>
      lookUp(from, table, to, length);
};

/** Floats as affine codes: the reciprocal of the scale, the zero and the largest code as floats, in memory. */
const prepareQuantize = (preparation: Preparation, step: PlanStepOf<"quantize">): Prepared => {
  const { format } = preparation.plan.values[step.output] as PlanValue;
  const { scale = 1, zero, top } = format as Codes;
  const at = preparation.layout.place(Float32Array.of(Math.fround(1 / scale), zero, top));
  const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
  const { length } = storedLength(preparation.plan, step.input);
  return ({ quantizeValues }) =>
    () =>
      quantizeValues(at, from, to, length);
};

const prepareMap = (preparation: Preparation, step: PlanStepOf<"map">): Prepared => {
  const table = preparation.layout.place(step.table);
  const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
  const { length } = storedLength(preparation.plan, step.input);
  return ({ mapCodes }) =>
    () =>
      mapCodes(from, table, to, length);
};

/** Values of one shape have a kernel; factors per channel are rare, and small. */
const prepareJoin = (preparation: Preparation, step: PlanStepOf<"join">): Prepared => {
  const { plan, layout } = preparation;
  const [one, other] = step.inputs as [ValueIndex, ValueIndex];
  const { length } = storedLength(plan, step.output);
  if (storedLength(plan, other).length !== length)
    return (_, memory) => referenceStep(plan, step, memory);
  const table = layout.place(step.table);
  const [first, second] = [addressOf(preparation, one), addressOf(preparation, other)];
  const to = addressOf(preparation, step.output);
  return ({ joinCodes }) =>
    () =>
      joinCodes(first, second, table, to, length);
};

const preparePrelu = (preparation: Preparation, step: PlanStepOf<"prelu">): Prepared => {
  const value = preparation.plan.values[step.input] as PlanValue;
  const [, , channels] = value.shape;
  const shared = step.slope[0] as number;
  const slopes =
    step.slope.length === channels ? step.slope : new Float32Array(channels).fill(shared);
  const at = preparation.layout.place(slopes);
  const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
  return ({ prelu }) =>
    () =>
      prelu(from, at, to, positionsOf(value), channels);
};

const bytesOf = ({ format }: PlanValue): number => numberBytes(format);

const prepareConcat = (preparation: Preparation, step: PlanStepOf<"concat">): Prepared => {
  const { values } = preparation.plan;
  const whole = values[step.output] as PlanValue;
  const rowBytes = whole.shape[2] * bytesOf(whole);
  let to = addressOf(preparation, step.output);
  const copies = step.inputs.map((index) => {
    const part = values[index] as PlanValue;
    const bytes = part.shape[2] * bytesOf(part);
    const copy = [addressOf(preparation, index), bytes, to, rowBytes, bytes, positionsOf(part)];
    to += bytes;
    return copy;
  });
  return ({ copyChannels }) =>
    () => {
      for (const copy of copies) copyChannels(...copy);
    };
};

const prepareSlice = (preparation: Preparation, step: PlanStepOf<"slice">): Prepared => {
  const { values } = preparation.plan;
  const [whole, part] = [values[step.input] as PlanValue, values[step.output] as PlanValue];
  const size = bytesOf(whole);
  const from = addressOf(preparation, step.input) + step.firstChannel * size;
  const bytes = part.shape[2] * size;
  const to = addressOf(preparation, step.output);
  const rowBytes = whole.shape[2] * size;
  return ({ copyChannels }) =>
    () =>
      copyChannels(from, rowBytes, to, bytes, bytes, positionsOf(part));
};

const prepareStep = (preparation: Preparation, step: PlanStep): Prepared => {
  switch (step.kind) {
    case "conv":
      return prepareConv(preparation, step);
    case "tail":
      return prepareTail(preparation, step);
    case "maxPool":
    case "averagePool":
    case "sumPool":
      return preparePool(preparation, step);
    case "add":
      return prepareAdd(preparation, step);
    case "values":
      return prepareValues(preparation, step);
    case "quantize":
      return prepareQuantize(preparation, step);
    case "map":
      return prepareMap(preparation, step);
    case "join":
      return prepareJoin(preparation, step);
    case "prelu":
      return preparePrelu(preparation, step);
    case "concat":
      return prepareConcat(preparation, step);
    case "slice":
      return prepareSlice(preparation, step);
    default:
      return (_, memory) => referenceStep(preparation.plan, step, memory);
  }
};

const KINDS_WITH_ROWS: ReadonlySet<PlanStep["kind"]> = new Set(["tail"]);

/** Bytes of scratch memory for a row of outputs before a shuffle. */
const rowBytesOf = (plan: Plan, step: PlanStep): number =>
  KINDS_WITH_ROWS.has(step.kind) ? 4 * (plan.values[step.output] as PlanValue).shape[2] : 0;

const most = (numbers: readonly number[]): number =>
  numbers.reduce((so, number) => Math.max(so, number), 0);

const reserveScratch = (
  layout: Layout,
  plan: Plan,
  convs: ReadonlyMap<PlanStep, ConvPlan>,
): Scratch => {
  const need = (key: keyof Scratch): number =>
    most([...convs.values()].map(({ bytes }) => bytes[key]));
  const rows = plan.steps.map((step) => rowBytesOf(plan, step));
  return {
    rows: layout.reserve(need("rows")),
    sums: layout.reserve(need("sums")),
    bits: layout.reserve(need("bits")),
    row: layout.reserve(Math.max(need("row"), most(rows))),
  };
};

/** Runs a plan with kernels; steps that no kernel computes run in TypeScript on the same memory. */
export const kernelEngine = async (plan: Plan, target: KernelTarget): Promise<PlanEngine> => {
  const layout = createLayout();
  const arena = layout.reserve(plan.arenaBytes);
  const convs = new Map(
    plan.steps.flatMap((step) =>
      step.kind === "conv" ? [[step as PlanStep, planConv(step, target)]] : [],
    ),
  );
  const scratch = reserveScratch(layout, plan, convs);
  const preparation: Preparation = { plan, target, layout, scratch, arena, convs };
  const prepared = plan.steps.map((step) => prepareStep(preparation, step));
  const own = target.createMemory(layout.bytes());
  layout.write(own.buffer);
  const memory: Memory = { buffer: own.buffer, base: arena };
  const kernels = await target.instantiate(own);
  const steps = prepared.map((prepare) => prepare(kernels, memory));
  const { kind, instructions } = target;
  const memoryBytes = own.buffer.byteLength;
  return engineOfSteps({ kind, instructions, memoryBytes }, { plan, memory, steps });
};
