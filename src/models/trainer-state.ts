import type { Tensor } from "../tensor/tf.js";

export const optimizerKinds = ["adam", "adamw", "sgd"] as const;
export type OptimizerKind = (typeof optimizerKinds)[number];

/** The tensors that each kind keeps per parameter, in the order of its update rule. */
export const OPTIMIZER_SLOTS = {
  adam: ["first", "second"],
  adamw: ["first", "second"],
  sgd: ["momentum"],
} as const satisfies Record<OptimizerKind, readonly string[]>;

/** The state of an optimizer for a net: the number of steps, and the slots of its parameters, in their order. */
export interface OptimizerState {
  readonly kind: OptimizerKind;
  readonly step: number;
  /** Per parameter, a tensor for each name in OPTIMIZER_SLOTS; each has the parameter's shape. */
  readonly slots: readonly (readonly Tensor[])[];
}

/** All tensors of a run besides its net. */
export interface TrainerState {
  readonly optimizer: OptimizerState;
  /** The moving average of each parameter; undefined without averaging. */
  readonly average: readonly Tensor[] | undefined;
}

export const trainerTensors = ({ optimizer, average }: TrainerState): Tensor[] => [
  ...optimizer.slots.flat(),
  ...(average ?? []),
];
