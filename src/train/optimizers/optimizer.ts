import type { Parameter } from "../../models/parameter.js";
import {
  OPTIMIZER_SLOTS,
  type OptimizerKind,
  type OptimizerState,
} from "../../models/trainer-state.js";
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

/** How an optimizer of a kind changes one parameter. */
export interface UpdateRule {
  readonly kind: OptimizerKind;
  /** Returns new tensors; the given ones stay the caller's. `step` counts from 1. */
  readonly update: (
    parameter: UpdatedParameter,
    gradient: Tensor,
    options: OptimizerStep & { readonly step: number },
  ) => UpdatedParameter;
}

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

  const updateOne = (parameter: Parameter, index: number, options: OptimizerStep): void => {
    const { value, gradient, rateFactor, isDecayed } = parameter;
    const before = slots[index] as readonly Tensor[];
    if (!gradient) return;
    const next = update({ value, slots: before }, gradient, {
      learningRate: options.learningRate * rateFactor,
      weightDecay: isDecayed ? options.weightDecay : 0,
      step,
    });
    tf.dispose([value, gradient, ...before]);
    parameter.value = next.value;
    parameter.gradient = null;
    slots[index] = next.slots;
  };

  return {
    step: (options) => {
      step++;
      parameters.forEach((parameter, index) => {
        updateOne(parameter, index, options);
      });
    },
    state: () => ({ kind, step, slots }),
    dispose: () => tf.dispose(slots.flat()),
  };
};
