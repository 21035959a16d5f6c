import type { QpruneError } from "../../base/errors.js";
import { withOptionNames } from "../../base/option-reference.js";

/** Names options in a message as recipes do, by their keys. */
export const plainOptions = (text: string): string => withOptionNames(text, (key) => key);

/** Message and hint of a command's error, with options named as in recipes. */
export const plainProblem = ({ template: { message, hint } }: QpruneError) => ({
  message: plainOptions(message),
  hint: hint && plainOptions(hint),
});
