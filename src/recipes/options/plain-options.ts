import type { QpruneError } from "../../base/errors.js";
import { withOptionNames } from "../../base/option-reference.js";

/** Names options in a message as recipes do, without dashes. */
export const plainOptions = (text: string): string =>
  withOptionNames(text, (key) => key)
    .replace(/(?<![\w-])--download\b/g, "download: true")
    .replace(/(?<![\w-])--dataset (?=\w)/g, "dataset: ")
    .replace(/(?<![\w-])--(?!(?:folder|set)\b)(?=[A-Za-z])/g, "");

/** Message and hint of a command's error, with options named as in recipes. */
export const plainProblem = ({ template: { message, hint } }: QpruneError) => ({
  message: plainOptions(message),
  hint: hint && plainOptions(hint),
});
