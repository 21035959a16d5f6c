import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { Checkpoint } from "../../../checkpoint/checkpoint.js";
import { isFullPrecision } from "../../../graph/quantizers.js";
import type { Architecture } from "../../../models/architecture.js";
import { graphOf, isChain } from "../../../models/net-spec.js";
import { commandOf } from "../../nets/command-of.js";
import type { InputFiles } from "../input-files.js";
import type { TrainingOptions } from "../training-call.js";

const NORM_FIRST = "norm-activation-conv";
const BINARY_ONLY =
  "it computes on binary activations, and its gammas belong to input channels, not to filters";

const hasNormFirst = ({ manifest, recognized }: Checkpoint): boolean => {
  if (manifest) return isChain(manifest.spec) && manifest.spec.order === NORM_FIRST;
  return isNormFirst(recognized);
};

/** Whether an architecture has its norms before its convolutions. */
const isNormFirst = (architecture: Architecture): boolean =>
  architecture.kind === "chain" && architecture.description.order === NORM_FIRST;

const checkResumed = ({ path, manifest }: Checkpoint, isSparse: boolean): void => {
  if (!manifest) return;
  const { quantization } = manifest.spec;
  if (!isFullPrecision(quantization)) {
    throw usageError(
      `${path} is quantized (${JSON.stringify(quantization)}), and prune trains in float.`,
      `Resume it as quantized training, or start a float net from its weights with ${option("refine")}.`,
      {
        code: "quantized-net-in-float-training",
        details: { path, command: commandOf(quantization) },
      },
    );
  }
  const hasFixedGammas = graphOf(manifest.spec).nodes.some(
    (node) => node.kind === "batchNorm" && node.isGammaFixed,
  );
  if (isSparse && hasFixedGammas) {
    throw usageError(
      `${path} keeps its inner gammas at 1, so sparse training cannot shrink them.`,
      `Start from the file with ${option("refine")}, which trains them.`,
    );
  }
};

/**
 * Refuses nets that float training cannot train; any file can be tested.
 * @throws QpruneError (usage) for nets with batch norm before the convolution, for resuming a quantized file, and for
 *   sparse training with fixed gammas.
 */
export const checkPruneNet = (
  { arch, evaluate }: Pick<TrainingOptions, "arch" | "evaluate">,
  { net, refine, resume }: InputFiles,
  sparsityLambda: number | undefined,
): void => {
  if (evaluate) return;
  if (isNormFirst(net)) {
    throw usageError(
      `${option("arch")} ${arch} is not for float training: ${BINARY_ONLY}.`,
      `Choose ${option("arch")} nin, or binary activations.`,
      { code: "binary-net-in-float-training", details: { arch } },
    );
  }
  for (const file of [refine, resume]) {
    if (file && hasNormFirst(file)) {
      throw usageError(
        `${file.path} contains ${file.net.arch}, which is not for float training: ${BINARY_ONLY}.`,
        "Give a file of nin or nin_gc, or train this one with binary activations.",
        { code: "binary-file-in-float-training" },
      );
    }
  }
  if (resume) checkResumed(resume, sparsityLambda !== undefined);
};
