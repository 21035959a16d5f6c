import { formText } from "../../../form-text.js";
import type { ComparedNet } from "../../comparison.js";

/** Why a net has no training to show. For files derived from trained ones this is normal. */
export const untrainedText = ({ form, history }: ComparedNet): string => {
  if (history.kind === "found") return "derived from another file without training.";
  const { why, isMissing } = history;
  if (!isMissing) return `its training is not shown: ${why}.`;
  return form === "trainable"
    ? `${why}.`
    : `a ${formText(form).replace(", ", " and ")} file has no training of its own: it is derived from a trained one.`;
};
