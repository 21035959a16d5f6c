import { QpruneError, usageError } from "../../base/errors.js";
import { firstProblem } from "../../base/first-problem.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import type { Architecture } from "../../models/architecture.js";
import { isArchitectureName } from "../../models/chains/built-in-chain.js";
import { type LayerBitsRule, layerBitsFile } from "../../options/values/layer-bits.js";
import type { PlacementRules } from "../../passes/layer-precisions.js";
import { netOfArch } from "../nets/net-of-arch.js";
import { readJsonFile } from "../nets/read-json-file.js";
import type { TrainingOptions } from "./training-call.js";

/** The files that training starts from. */
export interface InputFiles {
  /** The net of `arch`; used if no model file is given or the user named it. */
  readonly net: Architecture;
  /** How the quantization is distributed over the layers; undefined if no option asks for it. */
  readonly placement: PlacementRules | undefined;
  readonly refine: Checkpoint | undefined;
  readonly resume: Checkpoint | undefined;
}

const readBitsFile = async (path: string): Promise<readonly LayerBitsRule[]> => {
  const parsed = layerBitsFile.safeParse(await readJsonFile(path));
  if (parsed.success) return parsed.data;
  throw usageError(
    `${path}: ${firstProblem(parsed.error, "the rules")}.`,
    'Write an object of names and bits, as in { "features.1.*": "8/8" }.',
  );
};

/** The rules that the options ask for. */
const readPlacement = async (options: TrainingOptions): Promise<PlacementRules | undefined> => {
  const { first_last: firstLast, depthwise_bits: depthwiseBits, layer_bits: layers } = options;
  if ([firstLast, depthwiseBits, layers].every((each) => each === undefined)) return undefined;
  return {
    firstLastBits: firstLast === "8" ? 8 : 32,
    depthwiseBits: depthwiseBits ?? null,
    layers: typeof layers === "string" ? await readBitsFile(layers) : (layers ?? []),
  };
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
    refine: refine === undefined ? undefined : await loadCheckpoint(refine, { described, key }),
    resume: resume === undefined ? undefined : await loadCheckpoint(resume, { described, key }),
  };
};
