import { usageError } from "../../../base/errors.js";
import { option } from "../../../base/option-reference.js";
import type { DefinedArchitecture } from "../../../models/architectures/define-architecture.js";
import {
  backboneName,
  graphArchitectureNames,
  graphArchitectures,
  isGraphArchitectureName,
} from "../../../models/architectures/graph-architectures.js";
import type { PublishedWeights } from "../../../models/architectures/published-weights.js";
import type { TrainingOptions } from "../training-call.js";

type PretrainedOptions = Pick<
  TrainingOptions,
  "arch" | "backbone" | "cfg" | "pretrained" | "refine" | "resume" | "width"
>;

const weightsOf = (arch: string): PublishedWeights | undefined => {
  const name = backboneName(arch) ?? arch;
  if (!isGraphArchitectureName(name)) return undefined;
  const defined: DefinedArchitecture = graphArchitectures[name];
  return defined.weights;
};

const namesWithWeights = (): string =>
  graphArchitectureNames.filter((name) => weightsOf(name) !== undefined).join(", ");

/**
 * The published weights that the options ask for; undefined if they do not.
 * @throws QpruneError (usage) if the architecture has none, or another option contradicts them.
 */
export const pretrainedWeights = (options: PretrainedOptions): PublishedWeights | undefined => {
  const { arch, backbone, cfg, pretrained, refine, resume, width } = options;
  if (!pretrained) return undefined;
  const own = option("pretrained");
  if (refine !== undefined) {
    throw usageError(
      `${own} and ${option("refine")} both choose the weights to start from.`,
      "Give only one of them.",
    );
  }
  if (backbone !== undefined) {
    throw usageError(
      `${own} and ${option("backbone")} both choose the weights of the backbone.`,
      "Give only one of them.",
    );
  }
  if (resume !== undefined && resume !== "auto") {
    throw usageError(
      `${own} starts from published weights, but ${option("resume")} from those of ${resume}.`,
      "Give only one of them.",
    );
  }
  const weights = weightsOf(arch);
  if (weights === undefined) {
    throw usageError(
      `There are no published weights of ${option("arch")} ${arch}.`,
      `Omit ${own}, or choose one of ${namesWithWeights()}.`,
    );
  }
  const scaled = cfg === undefined ? "width" : "cfg";
  if (cfg !== undefined || (width !== undefined && width !== 1)) {
    throw usageError(
      `The published weights of ${arch} have the widths of its source, which ${option(scaled)} changes.`,
      `Omit ${option(scaled)} or ${own}.`,
    );
  }
  return weights;
};
