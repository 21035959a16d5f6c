import type { ComparedHistory, ComparedNet } from "../comparison.js";

/** Why no training of a net is shown; that a file was made from a trained one is no fault. */
export const untrainedText = (
  { form }: ComparedNet,
  { why, isMissing }: Extract<ComparedHistory, { kind: "none" }>,
): string => {
  if (!isMissing) return `its training is not shown: ${why}.`;
  return form === "trainable"
    ? `${why}. Pruned and converted files have no training of their own: they are made from a trained one.`
    : `a file that is ${form.replace(", ", " and ")} has no training of its own: it is made from a trained one.`;
};
