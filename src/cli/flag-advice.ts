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
    "cache-folder-missing":
      "Name a folder that you may write to: XDG_CACHE_HOME=/path/of/folder. --engine js works without it.",
    "damaged-training-state":
      "Start from the model file next to it with --resume, or start the run again.",
    "files-of-two-merges":
      "Give both files of one merge with --before and --after; qprune compare compares different nets.",
    "hysteresis-state-missing":
      "Use another copy of the file, or start a new run from its weights with --refine.",
    "idx-file-instead-of-net": "Give it with --data, as a data set.",
    "image-instead-of-net":
      "Give images to qprune predict after the file of the net, and folders of images with --data.",
    "json-instead-of-net":
      "Give the file of the weights; the description of a net belongs to --arch.",
    "key-for-safetensors-file": "Omit --key; it is for .pth files with several dicts of tensors.",
    "no-merged-pair": "Make both by qprune bn-merge, or give --before FILE and --after FILE.",
    "no-model-file": modelAdvice,
    "nothing-to-pack": ({ path }) =>
      `Quantize it first: qprune wqaq --refine ${path}, or qprune wbwtab --refine ${path}`,
    "quantized-net-in-float-training": ({ command, path }) =>
      `Resume it by qprune ${command} --resume ${path}, or start a float net from its weights with --refine.`,
    "sparsity-without-sparse-training": "Add -sr, or leave --s out.",
    "several-state-dicts": ({ key }) =>
      `Choose one with --key, as in --key ${quoted(String(key))}.`,
    "state-of-another-command": ({ command, path }) =>
      `Resume it by: qprune ${command} --resume ${path}`,
    "tensors-with-both-prefixes": "The file has tensors with both prefixes; omit --sequence.",
    "too-few-images-to-split": "Leave --val-split out, or train on more images.",
    "unknown-net":
      "Give a checkpoint written by qprune or the reference scripts, or describe its net with --arch FILE.json. Tensor names must start with dorefa. or tnn_bin., after any prefix shared by all.",
    "wrong-options": ({ command }) => `see qprune ${command} --help`,
  };

/** What the command line advises about an error by its code; undefined where the error's own hint will do. */
export const flagAdvice = ({ code, details }: QpruneError): string | undefined => {
  const advice = code && FLAG_ADVICE[code];
  return typeof advice === "function" ? advice(details) : advice;
};
