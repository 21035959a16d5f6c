import type { QpruneError } from "../../base/errors.js";
import { withOptionNames } from "../../base/option-reference.js";

/** A sentence of the command line in words of a recipe, which has its options without dashes. */
export const plainOptions = (text: string): string =>
  withOptionNames(text, (key) => key)
    .replace(/(?<![\w-])--download\b/g, "download: true")
    .replace(/(?<![\w-])--dataset (?=\w)/g, "dataset: ")
    .replace(/(?<![\w-])--(?!(?:folder|set)\b)(?=[A-Za-z])/g, "");

/** What an error of a command says, in words of a recipe. */
export const plainProblem = ({ template: { message, hint } }: QpruneError) => ({
  message: plainOptions(message),
  hint: hint && plainOptions(hint),
});
