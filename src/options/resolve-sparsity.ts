import { QpruneError, usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";

/** The options of sparse training. */
export interface SparsityFlags {
  readonly sparsity_regularization: boolean;
  readonly s: number;
  readonly group_lasso: boolean;
}

/**
 * The weight of the penalty on the gammas; undefined without sparse training.
 * @throws QpruneError (usage) if `s` or `group_lasso` is given without sparse training.
 */
export const resolveSparsity = (
  flags: SparsityFlags,
  given: ReadonlySet<string>,
): number | undefined => {
  if (flags.sparsity_regularization) return flags.s;
  if (given.has("s")) {
    throw new QpruneError(
      `${option("s")} ${flags.s} is the strength of sparse training, which is off.`,
      {
        kind: "usage",
        hint: `Add ${option("sparsity_regularization")}, or omit ${option("s")}.`,
        code: "sparsity-without-sparse-training",
      },
    );
  }
  if (flags.group_lasso) {
    throw usageError(
      `${option("group_lasso")} is a kind of sparse training, which is off.`,
      `Add ${option("sparsity_regularization")}, or omit ${option("group_lasso")}.`,
    );
  }
  return undefined;
};
