import { type Checkpoint, loadCheckpoint } from "../../checkpoint/checkpoint.js";
import { lookUp } from "../../checkpoint/net-state.js";
import { readNetWeights } from "../../checkpoint/net-weights.js";
import { QpruneError } from "../../core/errors.js";
import { CIFAR } from "../../data/cifar.js";
import type { DataSetName } from "../../data/data-set.js";
import type { NetWeights } from "../../models/conv-weights.js";
import type { NetSpec } from "../../models/spec.js";
import { specFromDescription } from "../../models/spec-from-description.js";
import { stateNames } from "../../models/state-names.js";

/** The net of a file, ready to be pruned. */
export interface ReadNet {
  readonly checkpoint: Checkpoint;
  readonly spec: NetSpec;
  readonly weights: NetWeights;
}

const FLOAT = { weights: { kind: "float" }, activations: { kind: "float" } } as const;

/** The spec that a file tells; one without a manifest was recognised as a built-in float net on CIFAR's images. */
const specOf = (file: Checkpoint): NetSpec => {
  if (file.manifest) return file.manifest.spec;
  const { channels, height, width } = CIFAR.cifar10.info;
  return specFromDescription({
    ...file.net,
    description: file.recognised,
    input: { channels, height, width },
    quantization: FLOAT,
  });
};

const checkGammas = ({ state, path }: Checkpoint, spec: NetSpec): void => {
  if (spec.order === "norm-activation-conv") {
    throw new QpruneError(
      `${path} holds ${spec.arch}, whose gammas belong to input channels: no channel can be pruned by them.`,
      { kind: "usage", hint: "Prune nin or nin_gc; both can then be refined to binary weights." },
    );
  }
  if (stateNames(spec).some(({ norm }) => lookUp(state, `${norm}.weight`))) return;
  throw new QpruneError(
    `${path}: its batch norms have no gammas (${stateNames(spec)[0]?.norm}.weight, …).`,
    {
      hint: "Give a file of a training run, not a merged net.",
    },
  );
};

/**
 * Reads the net that is to be pruned, without an engine.
 * @throws QpruneError for a file that is damaged or whose norms have no gammas of their own channels.
 */
export const readNet = async (path: string): Promise<ReadNet> => {
  const checkpoint = await loadCheckpoint(path);
  const spec = specOf(checkpoint);
  checkGammas(checkpoint, spec);
  return { checkpoint, spec, weights: readNetWeights(checkpoint, spec) };
};

/** The data set that a file was trained on; CIFAR-10 where it does not say. */
export const dataSetOf = ({ manifest }: Checkpoint): DataSetName =>
  (manifest?.dataSet.name as DataSetName | undefined) ?? "cifar10";
