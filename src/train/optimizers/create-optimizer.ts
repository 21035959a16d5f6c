import type { Parameter } from "../../models/parameter.js";
import type { OptimizerKind, OptimizerState } from "../../models/trainer-state.js";
import { adamRule } from "./adam.js";
import { type Optimizer, optimizerOf, type UpdateRule } from "./optimizer.js";
import { sgdRule } from "./sgd.js";

/** The optimizer of a run. */
export interface OptimizerChoice {
  readonly kind: OptimizerKind;
  /** Of SGD, below 1; the others ignore it. */
  readonly momentum: number;
}

export const DEFAULT_OPTIMIZER: OptimizerChoice = { kind: "adam", momentum: 0.9 };

const ruleOf = ({ kind, momentum }: OptimizerChoice): UpdateRule => {
  switch (kind) {
    case "adam":
    case "adamw":
      return adamRule(kind);
    case "sgd":
      return sgdRule(momentum);
  }
};

/** Starts from slots of 0, or from a saved state, whose tensors it takes over; those of another kind are freed. */
export const createOptimizer = (
  choice: OptimizerChoice,
  parameters: readonly Parameter[],
  saved?: OptimizerState,
): Optimizer => optimizerOf(ruleOf(choice), parameters, saved);
