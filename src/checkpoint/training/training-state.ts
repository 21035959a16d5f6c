import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../formats/safetensors/tensor-values.js";
import type { AdamState } from "../../models/adam-state.js";
import type { Net } from "../../models/net.js";
import { graphOf } from "../../models/net-spec.js";
import type { Parameter } from "../../models/parameter.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { fits } from "../infer-net.js";
import { type Manifest, manifestFromMetadata, manifestToMetadata } from "../manifest.js";
import { type NetFileLocation, openNetFile } from "../net-files/open-net-file.js";
import { applyCodes, keptKernels, packNetCodes } from "../tensors/hysteresis-codes.js";
import { applyState, netState, readTensor, type StateDict } from "../tensors/net-state.js";
import { isTrainingState, MOMENT_PREFIX, TRAINING_STATE } from "./training-metadata.js";

/** A training state as read: the net, the optimizer, and the trainer's own record. */
export interface TrainingState {
  readonly path: string;
  readonly manifest: Manifest;
  readonly state: StateDict;
  readonly adamStep: number;
  /** Training passes of the net; absent from states that older versions wrote. */
  readonly trainingPasses?: number | undefined;
  /** The trainer's own record, as passed to saveTrainingState. */
  readonly record: unknown;
}

export interface TrainingStateParts {
  readonly net: Net;
  readonly adam: AdamState;
  readonly manifest: Omit<Manifest, "ternaryCodes">;
  /** JSON without NaN and infinities. */
  readonly record: unknown;
}

const momentNames = (name: string): [string, string] => [
  `${MOMENT_PREFIX}first.${name}`,
  `${MOMENT_PREFIX}second.${name}`,
];

const momentTensor = (tensor: Tensor): StoredTensor =>
  float32Tensor(tensor.shape, tensor.dataSync() as Float32Array);

/**
 * Writes everything that a run needs to resume: latent weights, running statistics and counters, the optimizer's
 * moments (in the engine's layout), hysteresis state, and the trainer's record. An existing file stays until the
 * new one is on the disk.
 */
export const saveTrainingState = async (path: string, parts: TrainingStateParts): Promise<void> => {
  const { net, adam, manifest, record } = parts;
  const tensors = new Map(netState(net));
  net.parameters.forEach(({ name }, index) => {
    const [first, second] = momentNames(name);
    const { first: m, second: v } = adam.moments[index] as AdamState["moments"][number];
    tensors.set(first, momentTensor(m)).set(second, momentTensor(v));
  });
  const ternaryCodes = net.codes.some(({ codes }) => codes) ? packNetCodes(net) : undefined;
  const metadata = {
    ...manifestToMetadata({ ...manifest, ternaryCodes }),
    kind: TRAINING_STATE,
    adamStep: String(adam.step),
    trainingPasses: String(net.trainingPasses.count),
    record: JSON.stringify(record),
  };
  await writeFileAtomically(path, encodeSafetensors(tensors, metadata));
};

const count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const stateSchema = z.object({
  kind: z.literal(TRAINING_STATE),
  adamStep: count,
  trainingPasses: count.optional(),
  record: z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
  }),
});

const damaged = (path: string, problem: string): QpruneError =>
  new QpruneError(`${path}: ${problem}.`, {
    hint: "Start from the model file next to it, or start the run again.",
    code: "damaged-training-state",
  });

/**
 * Reads a training state; undefined for any other file, such as a model.
 * @throws QpruneError if the file identifies itself as a training state but is invalid.
 */
export const readTrainingState = async (
  path: string,
  location?: NetFileLocation,
): Promise<TrainingState | undefined> => {
  const { tensors, metadata } = await openNetFile(path, location);
  if (!isTrainingState(metadata)) return undefined;
  const manifest = manifestFromMetadata(metadata, path);
  const parsed = stateSchema.safeParse(metadata);
  if (!manifest || !parsed.success) {
    throw damaged(path, "the training state is damaged");
  }
  if (!fits(tensors, graphOf(manifest.spec))) {
    throw damaged(path, "its tensors do not match the net that it describes");
  }
  const { adamStep, trainingPasses, record } = parsed.data;
  return { path, manifest, state: tensors, adamStep, trainingPasses, record };
};

const readMoment = (state: StateDict, name: string, { value }: Parameter, path: string): Tensor =>
  tf.tensor(readTensor(state, name, value.shape, path), value.shape);

/**
 * Loads a training state into a net and returns the optimizer's moments, which the caller owns.
 * @throws QpruneError naming the first tensor that is missing or has another shape.
 */
export const applyTrainingState = (net: Net, saved: TrainingState): AdamState => {
  const { state, path, manifest, adamStep, trainingPasses } = saved;
  const moments = net.parameters.map((parameter) => {
    const [first, second] = momentNames(parameter.name);
    return {
      first: readMoment(state, first, parameter, path),
      second: readMoment(state, second, parameter, path),
    };
  });
  applyState(net, state, path);
  // Without the number, norms have counted the passes, or else the optimizer.
  const counted = net.batchCounters.length > 0 ? net.trainingPasses.count : adamStep;
  net.trainingPasses.count = trainingPasses ?? counted;
  if (manifest.ternaryCodes)
    applyCodes(net, manifest.ternaryCodes, keptKernels(net, graphOf(manifest.spec)));
  return { step: adamStep, moments };
};
