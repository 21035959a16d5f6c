import { usageError } from "../../../base/errors.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { isFullPrecision } from "../../../quant/quantization.js";
import { commandOf } from "../../nets/command-of.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingOptions } from "../training-call.js";

const BINARY_ONLY =
  "it computes on binary activations, and its gammas belong to input channels, not to filters";

const hasNormInFront = (file: Checkpoint): boolean =>
  (file.manifest ? file.manifest.spec : file.recognised).order === "norm-activation-conv";

const checkResumed = ({ path, manifest }: Checkpoint, isSparse: boolean): void => {
  if (!manifest) return;
  const { quantization, norm } = manifest.spec;
  if (!isFullPrecision(quantization)) {
    throw usageError(
      `${path} is quantized (${JSON.stringify(quantization)}), and prune trains in float.`,
      `Go on with it by qprune ${commandOf(quantization)} --resume, or start a float net from its weights with --refine.`,
    );
  }
  if (isSparse && norm.isGammaFixed) {
    throw usageError(
      `${path} keeps its inner gammas at 1, so sparse training cannot press them.`,
      "Start from the file with --refine, which trains them.",
    );
  }
};

/**
 * What `qprune prune` does not train; it tests any file.
 * @throws QpruneError (usage) for nets with the norm in front of the convolution, for a quantized file to
 *   resume, and for sparse training of gammas that are fixed.
 */
export const checkPruneNet = (
  { arch, evaluate }: Pick<TrainingOptions, "arch" | "evaluate">,
  { net, refine, resume }: InputFiles,
  sparsityLambda: number | undefined,
): void => {
  if (evaluate) return;
  if (net.order === "norm-activation-conv") {
    throw usageError(
      `--arch ${arch} is not for prune: ${BINARY_ONLY}.`,
      `Choose --arch nin, or train it with qprune wbwtab --arch ${arch}.`,
    );
  }
  for (const file of [refine, resume]) {
    if (file && hasNormInFront(file)) {
      throw usageError(
        `${file.path} holds ${file.net.arch}, which is not for prune: ${BINARY_ONLY}.`,
        "Give a file of nin or nin_gc, or train this one with qprune wbwtab.",
      );
    }
  }
  if (resume) checkResumed(resume, sparsityLambda !== undefined);
};
