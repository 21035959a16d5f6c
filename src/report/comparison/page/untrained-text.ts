import type { ComparedNet } from "../comparison.js";

/** Why no training of a net is shown; that a file was made from a trained one is no fault. */
export const untrainedText = ({ form, history }: ComparedNet): string => {
  if (history.kind === "found") return "made from another file without training.";
  const { why, isMissing } = history;
  if (!isMissing) return `its training is not shown: ${why}.`;
  return form === "trainable"
    ? `${why}.`
    : `a file that is ${form.replace(", ", " and ")} has no training of its own: it is made from a trained one.`;
};
