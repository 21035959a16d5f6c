import { QpruneError } from "../base/errors.js";
import { option } from "../base/option-reference.js";

/** The options of sparse training. */
export interface SparsityFlags {
  readonly sparsity_regularization: boolean;
  readonly s: number;
}

/**
 * The weight of the penalty on the gammas; undefined without sparse training.
 * @throws QpruneError (usage) if `s` is given without sparse training.
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
  return undefined;
};
