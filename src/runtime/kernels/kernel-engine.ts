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
import { countedValues, meanCode } from "../reference/integers.js";
import { type Memory, storedValue } from "../reference/memory.js";
import { referenceStep } from "../reference/reference-step.js";
import { type JobWork, PARTS_PER_THREAD, partItemsOf } from "./kernel-job.js";
import type { KernelJob, KernelTarget } from "./kernel-target.js";
import { createLayout, type Layout } from "./layout.js";
import {
  CONV_BYTES,
  type ConvPlan,
  isOfSigns,
  placeConv,
  planConv,
  type Scratch,
} from "./place-conv.js";
import { hasKernel, MAGIC, placeTail, TAIL_BYTES } from "./place-tail.js";

/** A part of a step: a call of a kernel, or a function on the memory. */
type Task =
  | { readonly kind: "job"; readonly job: KernelJob }
  | { readonly kind: "script"; readonly prepare: (memory: Memory) => () => void };

/** What a step consists of, one after the other. */
type Prepared = readonly Task[];

interface Preparation {
  readonly plan: Plan;
  readonly target: KernelTarget;
  readonly layout: Layout;
  /** Of every thread. */
  readonly scratch: readonly Scratch[];
  readonly arena: number;
  readonly convs: ReadonlyMap<PlanStep, PlannedConv>;
}

/** A convolution, and how it is computed. */
interface PlannedConv {
  readonly step: PlanStepOf<"conv">;
  readonly plan: ConvPlan;
}

/** A call of a kernel; without `work`, one thread computes it. */
interface Call {
  readonly kernel: KernelJob["kernel"];
  readonly args: readonly number[];
  readonly perItem: readonly number[];
  readonly threadBytes?: number;
  readonly items: number;
  readonly work: JobWork | null;
}

const taskOf = (
  { target }: Preparation,
  { threadBytes = 0, work, items, ...call }: Call,
): Task => ({
  kind: "job",
  job: {
    ...call,
    threadBytes,
    items,
    partItems: work ? partItemsOf(items, work, target) : items,
  },
});

const script = (prepare: (memory: Memory) => () => void): Prepared => [{ kind: "script", prepare }];

const addressOf = ({ plan, arena }: Preparation, index: ValueIndex): number =>
  arena + (plan.values[index] as PlanValue).offset;

const positionsOf = ({ shape: [height, width] }: PlanValue): number => height * width;

/** Applies an activation without a kernel to stored floats. */
const activateStored = ({ plan }: Preparation, { output }: PlanStep, tail: Tail): Prepared => {
  const activate = activationFunction(tail.activation);
  return script((memory) => {
    const { numbers } = storedValue(plan, memory, output);
    return () => {
      for (let at = 0; at < numbers.length; at++) numbers[at] = activate(numbers[at] as number);
    };
  });
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
  return [...first, ...activateStored(preparation, step, tail)];
};

/** Products of a nanosecond, roughly. */
const SPEEDS = { floats: 12, shorts: 30, bytes: 60, signs: 160, ternary: 100 } as const;
const DEPTHWISE_SPEED = 5;
const COLUMN_SPEED = 15;
/** Channels whose signs are packed in a nanosecond, and numbers of other steps, roughly. */
const PACKING_SPEED = 8;
const ELEMENT_SPEED = 2;

const prepareConv = (preparation: Preparation, own: PlanStepOf<"conv" | "mean">): Prepared => {
  const { layout, scratch, target } = preparation;
  const { step, plan } = preparation.convs.get(own) as PlannedConv;
  const { shape } = step;
  const { isDepthwise, kernel, blockRows, rowGroups } = plan;
  return withKernel(preparation, step, (tail) => {
    const [input, output] = [step.input, step.output].map((index) => addressOf(preparation, index));
    const at = placeConv(layout, step, plan, {
      ...{ target, scratch, tail },
      input: input as number,
      output: output as number,
    });
    const call = { args: [at, 0], perItem: [0, 1], threadBytes: CONV_BYTES };
    const products =
      (shape.filters * shape.kernel[0] * shape.kernel[1] * shape.channels) / shape.groups;
    const items = shape.outHeight * shape.outWidth;
    const depthwiseSpeed = rowGroups > 0 ? COLUMN_SPEED : DEPTHWISE_SPEED;
    const nanoseconds = products / (isDepthwise ? depthwiseSpeed : SPEEDS[kernel]);
    const isLong = items > blockRows * target.threads * PARTS_PER_THREAD;
    const unit = isLong ? blockRows : target.tileRows;
    const convolve = taskOf(preparation, {
      ...call,
      kernel: isDepthwise ? "convolveDepthwise" : "convolve",
      items,
      // Neighboring windows share their columns.
      work: { unit: isDepthwise ? (rowGroups > 0 ? blockRows : 1) : unit, nanoseconds },
    });
    if (isDepthwise || !isOfSigns(kernel)) return [convolve];
    const pack = taskOf(preparation, {
      ...call,
      kernel: "packInput",
      items: shape.height * shape.width,
      work: { unit: 1, nanoseconds: shape.channels / PACKING_SPEED },
    });
    return [pack, convolve];
  });
};

/** A mean of codes as a convolution with a filter of ones for each channel, whose window is the whole map. */
const meanAsConv = (plan: Plan, step: PlanStepOf<"mean">): PlanStepOf<"conv"> => {
  const { shape, format } = plan.values[step.input] as PlanValue;
  const [height, width, channels] = shape;
  const [multiplier] = step.requantization.multipliers;
  if (!multiplier) throw new Error("A mean has a multiplier.");
  return {
    kind: "conv",
    name: "mean",
    input: step.input,
    output: step.output,
    shape: {
      ...{
        height,
        width,
        channels,
        outHeight: 1,
        outWidth: 1,
        filters: channels,
        groups: channels,
      },
      ...{ kernel: [height, width], stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1] },
    },
    weights: {
      kind: "integers",
      numbers: new Int8Array(height * width * channels).fill(1),
      ...{ areHalved: false, areSigns: false, factor: new Float32Array(0) },
      input: format as Codes,
    },
    tail: { bias: null, affine: null, activation: { kind: "identity" }, shuffleGroups: 1 },
    requantization: {
      ...step.requantization,
      bias: new Int32Array(channels),
      multipliers: new Array(channels).fill(multiplier),
    },
  };
};

/** The convolution that a step is for kernels; null if it is none. */
const convOf = (plan: Plan, step: PlanStep): PlanStepOf<"conv"> | null => {
  if (step.kind === "conv") return step;
  return step.kind === "mean" ? meanAsConv(plan, step) : null;
};

const prepareTail = (preparation: Preparation, step: PlanStepOf<"tail">): Prepared =>
  withKernel(preparation, step, (tail) => {
    const { layout, scratch, plan } = preparation;
    const value = plan.values[step.input] as PlanValue;
    const [, , channels] = value.shape;
    const sums = { kind: "floats" } as const;
    const rowsAt = scratch.map(({ row }) => row);
    const at = placeTail(layout, tail, { channels, sums, rowsAt });
    const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
    const bytes = channels * bytesOf(plan.values[step.output] as PlanValue);
    return [
      taskOf(preparation, {
        kernel: "finishValues",
        args: [at, from, to],
        perItem: [0, channels * 4, bytes],
        threadBytes: TAIL_BYTES,
        items: positionsOf(value),
        work: { unit: 1, nanoseconds: channels / ELEMENT_SPEED },
      }),
    ];
  });

const placeWindow = (
  preparation: Preparation,
  { input, window }: { readonly input: ValueIndex; readonly window: PlanWindow },
  { output, shares, zero }: { output: number; shares: Float32Array | null; zero: number },
): number =>
  preparation.layout.place(
    Int32Array.of(
      addressOf(preparation, input),
      output,
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

const VECTOR_BYTES = 16;
const MOST_SHORT = 2 ** 16 - 1;

const preparePool = (
  preparation: Preparation,
  step: PlanStepOf<"maxPool" | "averagePool" | "sumPool">,
): Prepared => {
  const { format } = preparation.plan.values[step.input] as PlanValue;
  const shares = step.kind === "averagePool" ? step.areas.map((area) => 1 / area) : null;
  const zero = format.kind === "codes" ? format.zero : 0;
  const output = addressOf(preparation, step.output);
  const at = placeWindow(preparation, step, { output, shares, zero });
  const { channels, kernel, outHeight, outWidth } = step.window;
  const { format: results } = preparation.plan.values[step.output] as PlanValue;
  const bytes = numberBytes(results);
  // Vectors of other numbers of channels reach into the next position, which another thread may have written.
  const isSplit = (channels * bytes) % VECTOR_BYTES === 0;
  const nanoseconds = (channels * bytes * kernel[0] * kernel[1]) / VECTOR_BYTES;
  const call = {
    items: outHeight * outWidth,
    work: isSplit ? { unit: 1, nanoseconds } : null,
  };
  if (format.kind === "floats")
    return [taskOf(preparation, { ...call, kernel: "poolFloats", args: [at, 0], perItem: [0, 1] })];
  if (bytes === 2)
    return [taskOf(preparation, { ...call, kernel: "sumShorts", args: [at, 0], perItem: [0, 1] })];
  const isSum = step.kind === "sumPool" ? 1 : 0;
  const args = [at, isSum, 0];
  return [taskOf(preparation, { ...call, kernel: "poolCodes", args, perItem: [0, 0, 1] })];
};

/** Means of codes: a kernel sums windows, and a table has the code for each sum. */
const prepareMeanPool = (preparation: Preparation, step: PlanStepOf<"meanPool">): Prepared => {
  const { plan, layout } = preparation;
  const { window } = step;
  const { channels, kernel, outHeight, outWidth } = window;
  const format = (plan.values[step.input] as PlanValue).format as Codes;
  const all = kernel[0] * kernel[1];
  if (all * format.top > MOST_SHORT || outHeight * outWidth * channels === 0)
    return script((memory) => referenceStep(plan, step, memory));
  const positions = outHeight * outWidth;
  const sumsAt = layout.reserve(2 * positions * channels);
  const at = placeWindow(preparation, step, { output: sumsAt, shares: null, zero: format.zero });
  const isSplit = (2 * channels) % VECTOR_BYTES === 0;
  const nanoseconds = (2 * channels * all) / VECTOR_BYTES;
  const sums = taskOf(preparation, {
    kernel: "sumShorts",
    ...{ args: [at, 0], perItem: [0, 1], items: positions },
    work: isSplit ? { unit: 1, nanoseconds } : null,
  });
  // Sums have codes of zero for all that is outside; the mean may count fewer.
  const tables = new Map<number, Uint8Array>();
  const tableOf = (count: number): Uint8Array => {
    const known = tables.get(count);
    if (known) return known;
    const table = Uint8Array.from({ length: all * format.top + 1 }, (_, sum) =>
      meanCode(sum - (all - count) * format.zero, count, format),
    );
    tables.set(count, table);
    return table;
  };
  const tableAt = Array.from({ length: positions }, (_, position) =>
    tableOf(countedValues(step, Math.floor(position / outWidth), position % outWidth)),
  );
  const means = script((memory) => {
    const { numbers } = storedValue(plan, memory, step.output);
    const stored = new Uint16Array(memory.buffer, sumsAt, positions * channels);
    return () => {
      for (let position = 0; position < positions; position++) {
        const table = tableAt[position] as Uint8Array;
        const end = (position + 1) * channels;
        for (let index = position * channels; index < end; index++)
          numbers[index] = table[stored[index] as number] as number;
      }
    };
  });
  return [sums, ...means];
};

/** Numbers that are computed together, and more: vectors end within a part. */
const ELEMENT_UNIT = 64;
const ELEMENT_WORK: JobWork = { unit: ELEMENT_UNIT, nanoseconds: 1 / ELEMENT_SPEED };

const prepareAdd = (preparation: Preparation, { inputs, output }: PlanStepOf<"add">): Prepared => {
  const items = storedLength(preparation.plan, output);
  const [first, ...others] = inputs.map((index) => addressOf(preparation, index));
  const to = addressOf(preparation, output);
  return others.map((other, at) =>
    taskOf(preparation, {
      kernel: "addFloats",
      args: [at === 0 ? (first as number) : to, other, to],
      perItem: [4, 4, 4],
      ...{ items, work: ELEMENT_WORK },
    }),
  );
};

const storedLength = ({ values }: Plan, index: ValueIndex): number => {
  const { shape } = values[index] as PlanValue;
  return shape[0] * shape[1] * shape[2];
};

const bytesOf = ({ format }: PlanValue): number => numberBytes(format);

/** A kernel that computes every number from one with a table or other numbers in memory. */
const elementwise = (
  preparation: Preparation,
  { input, output }: { readonly input: ValueIndex; readonly output: ValueIndex },
  kernel: "lookUp" | "quantizeValues" | "mapCodes",
  data: Float32Array | Uint8Array,
): Prepared => {
  const { values } = preparation.plan;
  const at = preparation.layout.place(data);
  const [from, to] = [addressOf(preparation, input), addressOf(preparation, output)];
  const [fromBytes, toBytes] = [input, output].map((index) => bytesOf(values[index] as PlanValue));
  const isFirst = kernel === "quantizeValues";
  const sizes = [fromBytes as number, toBytes as number] as const;
  return [
    taskOf(preparation, {
      kernel,
      args: isFirst ? [at, from, to] : [from, at, to],
      perItem: isFirst ? [0, ...sizes] : [sizes[0], 0, sizes[1]],
      items: storedLength(preparation.plan, input),
      work: ELEMENT_WORK,
    }),
  ];
};

/** Floats as affine codes: the reciprocal of the scale, the zero, the largest code, and what rounds sums with it, as floats in memory. */
const prepareQuantize = (preparation: Preparation, step: PlanStepOf<"quantize">): Prepared => {
  const { format } = preparation.plan.values[step.output] as PlanValue;
  const { scale = 1, zero, top } = format as Codes;
  const grid = Float32Array.of(Math.fround(1 / scale), zero, top, MAGIC);
  return elementwise(preparation, step, "quantizeValues", grid);
};

/** Values of one shape have a kernel; factors per channel are rare, and small. */
const prepareJoin = (preparation: Preparation, step: PlanStepOf<"join">): Prepared => {
  const { plan, layout } = preparation;
  const [one, other] = step.inputs as [ValueIndex, ValueIndex];
  const items = storedLength(plan, step.output);
  if (storedLength(plan, other) !== items)
    return script((memory) => referenceStep(plan, step, memory));
  const table = layout.place(step.table);
  const [first, second] = [addressOf(preparation, one), addressOf(preparation, other)];
  return [
    taskOf(preparation, {
      kernel: "joinCodes",
      args: [first, second, table, addressOf(preparation, step.output)],
      perItem: [1, 1, 0, 1],
      ...{ items, work: ELEMENT_WORK },
    }),
  ];
};

const preparePrelu = (preparation: Preparation, step: PlanStepOf<"prelu">): Prepared => {
  const value = preparation.plan.values[step.input] as PlanValue;
  const [, , channels] = value.shape;
  const shared = step.slope[0] as number;
  const slopes =
    step.slope.length === channels ? step.slope : new Float32Array(channels).fill(shared);
  const at = preparation.layout.place(slopes);
  const [from, to] = [addressOf(preparation, step.input), addressOf(preparation, step.output)];
  const bytes = 4 * channels;
  return [
    taskOf(preparation, {
      kernel: "prelu",
      args: [from, at, to, channels],
      perItem: [bytes, 0, bytes, 0],
      items: positionsOf(value),
      work: bytes % VECTOR_BYTES === 0 ? { unit: 1, nanoseconds: channels / ELEMENT_SPEED } : null,
    }),
  ];
};

/** Channels of positions as channels of positions, each in rows of their own length, in bytes. */
interface ChannelCopy {
  readonly from: number;
  readonly fromBytes: number;
  readonly to: number;
  readonly toBytes: number;
  readonly bytes: number;
  readonly positions: number;
}

const copyTask = (preparation: Preparation, copy: ChannelCopy): Task => {
  const { from, fromBytes, to, toBytes, bytes, positions } = copy;
  return taskOf(preparation, {
    kernel: "copyChannels",
    args: [from, fromBytes, to, toBytes, bytes],
    perItem: [fromBytes, 0, toBytes, 0, 0],
    items: positions,
    work: { unit: 1, nanoseconds: bytes / VECTOR_BYTES },
  });
};

const prepareConcat = (preparation: Preparation, step: PlanStepOf<"concat">): Prepared => {
  const { values } = preparation.plan;
  const whole = values[step.output] as PlanValue;
  const toBytes = whole.shape[2] * bytesOf(whole);
  let to = addressOf(preparation, step.output);
  return step.inputs.map((index) => {
    const part = values[index] as PlanValue;
    const bytes = part.shape[2] * bytesOf(part);
    const from = addressOf(preparation, index);
    const positions = positionsOf(part);
    const task = copyTask(preparation, { from, fromBytes: bytes, to, toBytes, bytes, positions });
    to += bytes;
    return task;
  });
};

const prepareSlice = (preparation: Preparation, step: PlanStepOf<"slice">): Prepared => {
  const { values } = preparation.plan;
  const [whole, part] = [values[step.input] as PlanValue, values[step.output] as PlanValue];
  const size = bytesOf(whole);
  const bytes = part.shape[2] * size;
  return [
    copyTask(preparation, {
      from: addressOf(preparation, step.input) + step.firstChannel * size,
      fromBytes: whole.shape[2] * size,
      to: addressOf(preparation, step.output),
      ...{ toBytes: bytes, bytes, positions: positionsOf(part) },
    }),
  ];
};

const codeValuesOf = ({ plan }: Preparation, { input }: PlanStepOf<"values">): Float32Array =>
  codeValues(plan.values[input] as PlanValue);

const prepareStep = (preparation: Preparation, step: PlanStep): Prepared => {
  switch (step.kind) {
    case "conv":
    case "mean":
      return prepareConv(preparation, step);
    case "tail":
      return prepareTail(preparation, step);
    case "maxPool":
    case "averagePool":
    case "sumPool":
      return preparePool(preparation, step);
    case "meanPool":
      return prepareMeanPool(preparation, step);
    case "add":
      return prepareAdd(preparation, step);
    case "values":
      return elementwise(preparation, step, "lookUp", codeValuesOf(preparation, step));
    case "quantize":
      return prepareQuantize(preparation, step);
    case "map":
      return elementwise(preparation, step, "mapCodes", step.table);
    case "join":
      return prepareJoin(preparation, step);
    case "prelu":
      return preparePrelu(preparation, step);
    case "concat":
      return prepareConcat(preparation, step);
    case "slice":
      return prepareSlice(preparation, step);
    default:
      return script((memory) => referenceStep(preparation.plan, step, memory));
  }
};

const KINDS_WITH_ROWS: ReadonlySet<PlanStep["kind"]> = new Set(["tail"]);

/** Bytes of scratch memory for a row of outputs before a shuffle, or two rows of codes. */
const rowBytesOf = (plan: Plan, step: PlanStep): number =>
  KINDS_WITH_ROWS.has(step.kind) ? 4 * (plan.values[step.output] as PlanValue).shape[2] : 0;

const most = (numbers: readonly number[]): number =>
  numbers.reduce((so, number) => Math.max(so, number), 0);

const reserveScratch = (
  layout: Layout,
  plan: Plan,
  convs: ReadonlyMap<PlanStep, PlannedConv>,
  threads: number,
): Scratch[] => {
  const need = (key: keyof Scratch): number =>
    most([...convs.values()].map(({ plan: own }) => own.bytes[key]));
  const rows = plan.steps.map((step) => rowBytesOf(plan, step));
  const signs = layout.reserve(need("signs"));
  return Array.from({ length: threads }, () => ({
    signs,
    rows: layout.reserve(need("rows")),
    sums: layout.reserve(need("sums")),
    row: layout.reserve(Math.max(need("row"), most(rows))),
  }));
};

/** Runs one after the other. */
const inTurn = (parts: readonly (() => void)[]): (() => void) => {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  return () => {
    for (const part of parts) part();
  };
};

/** Runs a plan with kernels; steps that no kernel computes run in TypeScript on the same memory. */
export const kernelEngine = async (plan: Plan, target: KernelTarget): Promise<PlanEngine> => {
  const layout = createLayout();
  const arena = layout.reserve(plan.arenaBytes);
  const convs = new Map(
    plan.steps.flatMap((own) => {
      const step = convOf(plan, own);
      return step ? [[own, { step, plan: planConv(step, target) }] as const] : [];
    }),
  );
  const scratch = reserveScratch(layout, plan, convs, target.threads);
  const preparation: Preparation = { plan, target, layout, scratch, arena, convs };
  const prepared = plan.steps.map((step) => prepareStep(preparation, step));
  const own = target.createMemory(layout.bytes());
  layout.write(own.buffer);
  const memory: Memory = { buffer: own.buffer, base: arena };
  const jobs = prepared.flat().flatMap((task) => (task.kind === "job" ? [task.job] : []));
  const { run, dispose, threads, obstacle } = await target.start(own, jobs);
  let job = 0;
  const runnable = (task: Task): (() => void) => {
    if (task.kind === "script") return task.prepare(memory);
    const index = job++;
    return () => run(index);
  };
  const steps = prepared.map((tasks) => inTurn(tasks.map(runnable)));
  const { kind, instructions } = target;
  const memoryBytes = own.buffer.byteLength;
  return engineOfSteps(
    { kind, instructions, memoryBytes, threads, obstacle, dispose },
    { plan, memory, steps },
  );
};
