import type { z } from "zod";
import type { GammaStart } from "../../models/initial-values.js";
import type { NetSpec } from "../../models/spec.js";
import type { QuantizationFlags } from "../../options/commands/quantization-options.js";
import type {
  netOptions,
  newTrainingOptions,
  originalTrainingOptions,
} from "../../options/commands/training-options.js";
import type { Quantization } from "../../quant/quantization.js";

/** The options that every training command has. */
export type TrainingOptions = QuantizationFlags &
  z.output<
    z.ZodObject<
      ReturnType<typeof netOptions> &
        ReturnType<typeof originalTrainingOptions> &
        typeof newTrainingOptions
    >
  >;

/** A training command's call: the shared options, and what only the command decides. */
export interface TrainingCall {
  readonly options: TrainingOptions;
  readonly given: ReadonlySet<string>;
  /** The command line as it was typed. */
  readonly argv: readonly string[];
  /** The schema that the command reads its options by. */
  readonly schema: z.ZodObject;
  readonly command: "wqaq" | "wbwtab" | "prune";
  readonly sequence: NetSpec["sequence"];
  readonly gammaStart: GammaStart;
  /** What the flags and the command's defaults say. */
  readonly quantization: Quantization;
  /** Weight of the penalty on the gammas; undefined but in sparse training. */
  readonly sparsityLambda?: number | undefined;
  /** What the run is in a chain of runs: the name of its file ends in it. */
  readonly stage?: "preprune" | "refine" | undefined;
}
