import { usageError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { applyState, netState } from "../../checkpoint/tensors/net-state.js";
import { isOwnTensor } from "../../models/architectures/detectors/head-layers.js";
import { backboneName } from "../../models/architectures/graph-architectures.js";
import type { Net } from "../../models/net.js";
import type { TrainingOptions } from "./training-call.js";

type BackboneOptions = Pick<TrainingOptions, "arch" | "backbone" | "evaluate" | "key" | "refine">;

/**
 * Reads the file of `backbone`, if there is one.
 * @throws QpruneError (usage) if the net is no detector on that classifier, or starts from another file.
 */
export const readBackbone = async ({
  arch,
  backbone: path,
  evaluate,
  key,
  refine,
}: BackboneOptions): Promise<Checkpoint | undefined> => {
  if (path === undefined) return undefined;
  const own = option("backbone");
  if (refine !== undefined || evaluate) {
    throw usageError(
      `${own} is for nets that start from scratch.`,
      `Omit ${own}: the file of the net contains its backbone.`,
    );
  }
  const name = backboneName(arch);
  if (name === undefined) {
    throw usageError(
      `${own} is for detectors on the backbones of classifiers, such as detector_mobilenet_v2, not for ${arch}.`,
      `Choose such a detector with ${option("arch")}, or start from a file with ${option("refine")}.`,
    );
  }
  const file = await loadCheckpoint(path, { key });
  if (file.net.arch === name) return file;
  throw usageError(
    `${path} is ${file.net.arch}, but the backbone of ${arch} is that of ${name}.`,
    `Give a file of ${name}, or choose another detector.`,
  );
};

/**
 * Loads the tensors of a classifier into the backbone of a detector, whose other layers keep their values.
 * @throws QpruneError naming the first tensor that is missing or has another shape.
 */
export const applyBackbone = (net: Net, { state, path }: Checkpoint): void => {
  const own = [...netState(net)].filter(([name]) => isOwnTensor(name));
  applyState(net, new Map([...state, ...own]), path);
};
