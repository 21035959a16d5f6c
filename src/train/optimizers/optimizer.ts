import type { Parameter } from "../../models/parameter.js";
import {
  OPTIMIZER_SLOTS,
  type OptimizerKind,
  type OptimizerState,
} from "../../models/trainer-state.js";
import type { ParameterUpdate } from "../../tensor/ops/parameter-update.js";
import { type Tensor, tf } from "../../tensor/tf.js";

/** The numbers of one step, the same for all parameters. */
export interface OptimizerStep {
  readonly learningRate: number;
  /** Applied to every parameter that is decayed, biases and norms included unless they are left out. */
  readonly weightDecay: number;
}

/** An optimizer over a net's parameters, with an integer step count, so that its state can be restored exactly. */
export interface Optimizer {
  /** Takes one step with the gradients stored in the parameters, and frees them. */
  readonly step: (options: OptimizerStep) => void;
  /** The current state. Its tensors belong to the optimizer and are valid until its next step. */
  readonly state: () => OptimizerState;
  readonly dispose: () => void;
}

/** A parameter's value and slots. */
export interface UpdatedParameter {
  readonly value: Tensor;
  readonly slots: readonly Tensor[];
}

/** How an optimizer of a kind changes parameters. */
export interface UpdateRule {
  readonly kind: OptimizerKind;
  /** Returns new tensors, in the order of the updates; the given ones stay the caller's. `step` counts from 1. */
  readonly update: (
    updates: readonly ParameterUpdate<
      UpdatedParameter,
      OptimizerStep & { readonly step: number }
    >[],
  ) => UpdatedParameter[];
}

/** The values that are updated at once: old and new tensors of so many exist at the same time. */
const VALUES_AT_ONCE = 1 << 20;

/** Divides parameters into runs of at most so many values, or of one parameter. Returns their indices. */
const runsOf = (parameters: readonly Parameter[]): number[][] => {
  const runs: number[][] = [];
  let values = Number.POSITIVE_INFINITY;
  for (const [index, { value }] of parameters.entries()) {
    if (values + value.size > VALUES_AT_ONCE) {
      runs.push([]);
      values = 0;
    }
    runs.at(-1)?.push(index);
    values += value.size;
  }
  return runs;
};

/** Whether the state of one kind can be continued by another. */
const hasSameSlots = (one: OptimizerKind, other: OptimizerKind): boolean =>
  OPTIMIZER_SLOTS[one].join() === OPTIMIZER_SLOTS[other].join();

/** Takes over the tensors of a saved state, or frees them if they are those of another kind. */
const startOf = (kind: OptimizerKind, saved: OptimizerState | undefined) => {
  if (!saved || hasSameSlots(kind, saved.kind)) return saved;
  tf.dispose(saved.slots.flat());
  return undefined;
};

/**
 * Runs an update rule over parameters. It starts from slots of 0, or from a saved state, whose tensors it takes over.
 * Parameters without a gradient stay as they are.
 */
export const optimizerOf = (
  { kind, update }: UpdateRule,
  parameters: readonly Parameter[],
  saved?: OptimizerState,
): Optimizer => {
  const start = startOf(kind, saved);
  const slots = parameters.map(
    ({ value }, index): readonly Tensor[] =>
      start?.slots[index] ?? OPTIMIZER_SLOTS[kind].map(() => tf.zerosLike(value)),
  );
  let step = start?.step ?? 0;

  const updateOf = (index: number, options: OptimizerStep) => {
    const { value, gradient, rateFactor, isDecayed } = parameters[index] as Parameter;
    const hyper = {
      learningRate: options.learningRate * rateFactor,
      weightDecay: isDecayed ? options.weightDecay : 0,
      step,
    };
    const state = { value, slots: slots[index] as readonly Tensor[] };
    return { state, gradient: gradient as Tensor, hyper };
  };

  const updateRun = (run: readonly number[], options: OptimizerStep): void => {
    const indices = run.filter((index) => parameters[index]?.gradient);
    if (indices.length === 0) return;
    const updates = indices.map((index) => updateOf(index, options));
    const results = update(updates);
    for (const [at, index] of indices.entries()) {
      const parameter = parameters[index] as Parameter;
      const next = results[at] as UpdatedParameter;
      tf.dispose([parameter.value, parameter.gradient as Tensor, ...(slots[index] ?? [])]);
      parameter.value = next.value;
      parameter.gradient = null;
      slots[index] = next.slots;
    }
  };

  return {
    step: (options) => {
      step++;
      for (const run of runsOf(parameters)) updateRun(run, options);
    },
    state: () => ({ kind, step, slots }),
    dispose: () => tf.dispose(slots.flat()),
  };
};
