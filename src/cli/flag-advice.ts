import type { ErrorCode } from "../base/error-codes.js";
import type { ErrorDetails, QpruneError } from "../base/errors.js";
import { quoted, shellCommand } from "../options/shell-command.js";

/** Files that the flag could name, and the call that makes one. */
const modelAdvice = ({ option, models, make }: ErrorDetails): string => {
  const flag = `--${String(option).replaceAll("_", "-")}`;
  const call = shellCommand(make as readonly string[]);
  const files = models as readonly string[];
  if (files.length === 0) return `Give a file with ${flag} FILE, or make one by ${call}`;
  const flags = files.map((path) => `\n    ${flag} ${quoted(path)}`).join("");
  return `Add one of these (the newest first), or make one by ${call}:${flags}`;
};

/** What to do about an error in terms of flags; libraries know none. */
const FLAG_ADVICE: { readonly [code in ErrorCode]?: string | ((details: ErrorDetails) => string) } =
  {
    "binary-file-in-float-training":
      "Give a file of nin or nin_gc, or train this one with qprune wbwtab.",
    "binary-net-in-float-training": ({ arch }) =>
      `Choose --arch nin, or train it with qprune wbwtab --arch ${arch}.`,
    "files-of-two-merges":
      "Give both files of one merge with --before and --after; qprune compare compares different nets.",
    "no-merged-pair": "Make both by qprune bn-merge, or give --before FILE and --after FILE.",
    "no-model-file": modelAdvice,
    "nothing-to-pack": ({ path }) =>
      `Quantize it first: qprune wqaq --refine ${path}, or qprune wbwtab --refine ${path}`,
    "quantized-net-in-float-training": ({ command, path }) =>
      `Resume it by qprune ${command} --resume ${path}, or start a float net from its weights with --refine.`,
    "sparsity-without-sparse-training": "Add -sr, or leave --s out.",
    "state-of-another-command": ({ command, path }) =>
      `Resume it by: qprune ${command} --resume ${path}`,
    "too-few-images-to-split": "Leave --val-split out, or train on more images.",
    "wrong-options": ({ command }) => `see qprune ${command} --help`,
  };

/** What the command line advises about an error by its code; undefined where the error's own hint will do. */
export const flagAdvice = ({ code, details }: QpruneError): string | undefined => {
  const advice = code && FLAG_ADVICE[code];
  return typeof advice === "function" ? advice(details) : advice;
};
