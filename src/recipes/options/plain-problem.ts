import type { ErrorCode } from "../../base/error-codes.js";
import type { ErrorDetails, QpruneError } from "../../base/errors.js";
import { withOptionNames } from "../../base/option-reference.js";

const OTHER_DATA =
  "dataset: digits works at once, without a download; data also accepts your own images, one folder per class.";

/** Advice in terms of a recipe's options, which the libraries do not know, by error code. */
const RECIPE_ADVICE: { readonly [code in ErrorCode]?: (details: ErrorDetails) => string } = {
  "cifar-folder-has-images": () =>
    "Train on them with dataset: images (docs/own-images.md), or set data to the folder of the data set.",
  "cifar-missing": ({ file, url }) =>
    `Add download: true to fetch it, or unpack ${file} (${url}) there. ${OTHER_DATA}`,
  "cifar-still-packed": ({ archive }) =>
    `Unpack ${archive} there first (tar -xzf), or add download: true. ${OTHER_DATA}`,
  "image-folder-missing": () =>
    "Set data to a folder with one subfolder of images per class (docs/own-images.md); on the command line with --set data=FOLDER.",
  "several-state-dicts": ({ key }) => `Choose one with key: ${key}`,
};

/** Names options in a message as recipes do, by their keys. */
export const plainOptions = (text: string): string => withOptionNames(text, (key) => key);

/** Message and hint of a command's error, in terms of a recipe's options. */
export const plainProblem = ({
  code,
  details,
  template: { message, hint },
}: Pick<QpruneError, "code" | "details" | "template">) => {
  const advice = code && RECIPE_ADVICE[code]?.(details);
  return { message: plainOptions(message), hint: advice ?? (hint && plainOptions(hint)) };
};
