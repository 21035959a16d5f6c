import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Architecture } from "../../models/architecture.js";
import { isArchitectureName } from "../../models/chains/built-in-chain.js";
import type { PlacementRules } from "../../passes/layer-precisions.js";
import { netOfArch } from "../nets/net-of-arch.js";
import { readLayerBits } from "../nets/read-layer-bits.js";
import type { TrainingOptions } from "./training-call.js";
import { readBackbone } from "./with-backbone.js";
import { withLatentWeights } from "./with-latent-weights.js";

/** The files that training starts from. */
export interface InputFiles {
  /** The net of `arch`; used if no model file is given or the user named it. */
  readonly net: Architecture;
  /** How the quantization is distributed over the layers; undefined if no option asks for it. */
  readonly placement: PlacementRules | undefined;
  readonly refine: Checkpoint | undefined;
  readonly resume: Checkpoint | undefined;
  /** The classifier from which a detector's backbone starts. */
  readonly backbone: Checkpoint | undefined;
}

/** The rules that the options ask for. */
const readPlacement = async (options: TrainingOptions): Promise<PlacementRules | undefined> => {
  const { first_last: firstLast, depthwise_bits: depthwiseBits, layer_bits: layers } = options;
  if ([firstLast, depthwiseBits, layers].every((each) => each === undefined)) return undefined;
  return {
    firstLastBits: firstLast === undefined ? null : firstLast === "8" ? 8 : 32,
    depthwiseBits: depthwiseBits ?? null,
    layers: await readLayerBits(layers),
  };
};

/** The file of `refine`; a net that was quantized after training is trained further (see withLatentWeights). */
const readRefined = async (
  path: string,
  { key, evaluate }: TrainingOptions,
  described: Architecture | undefined,
): Promise<Checkpoint> => {
  const file = await loadCheckpoint(path, { described, key });
  return evaluate ? file : withLatentWeights(file);
};

/**
 * Reads the files of `arch`, `refine` and `resume`. A state dict without a manifest must be that of a built-in net, or
 * of the net that the file of `arch` describes.
 * @throws QpruneError (usage) for `evaluate` without a file, and if a file cannot be read.
 */
export const readInputFiles = async (options: TrainingOptions): Promise<InputFiles> => {
  const { arch, evaluate, refine, resume, key } = options;
  if (evaluate && !refine && !resume) {
    throw new QpruneError(`${option("evaluate")} needs a file to test.`, {
      kind: "usage",
      hint: `Add ${option("resume")} FILE (or ${option("refine")} FILE), with the name of a file; auto is only for training.`,
    });
  }
  const net = await netOfArch(arch);
  const described = isArchitectureName(arch) ? undefined : net;
  return {
    net,
    placement: await readPlacement(options),
    refine: refine === undefined ? undefined : await readRefined(refine, options, described),
    resume: resume === undefined ? undefined : await loadCheckpoint(resume, { described, key }),
    backbone: await readBackbone(options),
  };
};
