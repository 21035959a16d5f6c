import type { z } from "zod";
import { FULL_PRECISION, type Quantization } from "../../graph/quantizers.js";
import type { ChainSpec } from "../../models/chains/chain-spec.js";
import type { GammaStart } from "../../models/initial-values.js";
import { pruneOptions } from "../../options/commands/prune-options.js";
import { wbwtabOptions } from "../../options/commands/wbwtab-options.js";
import { wqaqOptions } from "../../options/commands/wqaq-options.js";
import type { QuantizationFlags } from "../../options/groups/quantization-options.js";
import type {
  additionalTrainingOptions,
  netOptions,
  referenceTrainingOptions,
} from "../../options/groups/training-options.js";
import { resolveQuantization } from "../../options/resolve-quantization.js";
import { resolveSparsity } from "../../options/resolve-sparsity.js";
import type { Call } from "../call.js";

/** The options that all training commands share. */
export type TrainingOptions = QuantizationFlags &
  z.output<
    z.ZodObject<
      ReturnType<typeof netOptions> &
        ReturnType<typeof referenceTrainingOptions> &
        typeof additionalTrainingOptions
    >
  > &
  // Sparse training is a part of float training only.
  Partial<Pick<z.output<typeof pruneOptions>, "group_lasso">>;

/** The arguments of {@link trainModel} for all training commands. */
export interface TrainingCall {
  readonly options: TrainingOptions;
  readonly given: ReadonlySet<string>;
  /** The call as a command line (see Call). */
  readonly argv: readonly string[];
  /** The schema that the options were parsed with. */
  readonly schema: z.ZodObject;
  readonly command: "wqaq" | "wbwtab" | "prune";
  readonly sequence: ChainSpec["sequence"];
  readonly gammaStart: GammaStart;
  /** From the options and the command's defaults. */
  readonly quantization: Quantization;
  /** Weight of the penalty on the gammas; undefined without sparse training. */
  readonly sparsityLambda?: number | undefined;
  /** The part of the run in a chain of runs; the default file name ends in it. */
  readonly stage?: "preprune" | "refine" | undefined;
}

/** Quantized training, DoReFa by default (the reference scripts' WqAq). */
export const doReFaTraining = (call: Call<typeof wqaqOptions>): TrainingCall => ({
  ...call,
  command: "wqaq",
  schema: wqaqOptions,
  sequence: "dorefa",
  gammaStart: "ones",
  quantization: resolveQuantization(call.options, call.given),
});

/** Quantized training, binary by default (the reference scripts' WbWtAb). */
export const binaryTraining = (call: Call<typeof wbwtabOptions>): TrainingCall => ({
  ...call,
  command: "wbwtab",
  schema: wbwtabOptions,
  sequence: "tnn_bin",
  gammaStart: "uniform",
  quantization: resolveQuantization(call.options, call.given),
});

/** Float training: from scratch, sparse before pruning, or refining a pruned net. */
export const floatTraining = ({
  options,
  given,
  argv,
}: Call<typeof pruneOptions>): TrainingCall => {
  const sparsityLambda = resolveSparsity(options, given);
  const preprune = sparsityLambda === undefined ? undefined : "preprune";
  return {
    // All gammas are trained, since pruning ranks channels by them.
    options: { ...options, fixed_gamma: false },
    given,
    argv,
    command: "prune",
    schema: pruneOptions,
    sequence: "tnn_bin",
    gammaStart: "ones",
    quantization: FULL_PRECISION,
    sparsityLambda,
    stage: options.refine === undefined && !options.pretrained ? preprune : "refine",
  };
};
