import { z } from "zod";
import { QpruneError } from "../../base/errors.js";
import { writeFileAtomically } from "../../files/writing/write-file-atomically.js";
import { encodeSafetensors } from "../../formats/safetensors/encode-safetensors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor } from "../../formats/safetensors/tensor-values.js";
import type { Net } from "../../models/net.js";
import { graphOf } from "../../models/net-spec.js";
import type { Parameter } from "../../models/parameter.js";
import {
  OPTIMIZER_SLOTS,
  type OptimizerKind,
  optimizerKinds,
  type TrainerState,
} from "../../models/trainer-state.js";
import { type Tensor, tf } from "../../tensor/tf.js";
import { fits } from "../infer-net.js";
import { type Manifest, manifestFromMetadata, manifestToMetadata } from "../manifest.js";
import { type NetFileLocation, openNetFile } from "../net-files/open-net-file.js";
import { applyCodes, keptKernels, packNetCodes } from "../tensors/hysteresis-codes.js";
import { applyState, netState, readTensor, type StateDict } from "../tensors/net-state.js";
import {
  AVERAGE_PREFIX,
  isTrainingState,
  SLOT_PREFIX,
  TRAINING_STATE,
} from "./training-metadata.js";

/** A training state as read: the net, the optimizer, and the trainer's own record. */
export interface TrainingState {
  readonly path: string;
  readonly manifest: Manifest;
  readonly state: StateDict;
  readonly optimizer: OptimizerKind;
  readonly optimizerStep: number;
  /** Training passes of the net; absent from states that older versions wrote. */
  readonly trainingPasses?: number | undefined;
  /** The trainer's own record, as passed to saveTrainingState. */
  readonly record: unknown;
}

export interface TrainingStateParts {
  readonly net: Net;
  readonly trainer: TrainerState;
  readonly manifest: Omit<Manifest, "ternaryCodes">;
  /** JSON without NaN and infinities. */
  readonly record: unknown;
}

/** The names of a parameter's slots in the file. */
const slotNames = (kind: OptimizerKind, parameter: string): string[] =>
  OPTIMIZER_SLOTS[kind].map((slot) => `${SLOT_PREFIX[kind]}${slot}.${parameter}`);

const averageName = (parameter: string): string => `${AVERAGE_PREFIX}${parameter}`;

const storedTensor = (tensor: Tensor): StoredTensor =>
  float32Tensor(tensor.shape, tensor.dataSync() as Float32Array);

/**
 * Writes everything that a run needs to resume: latent weights, running statistics and counters, the optimizer's slots
 * and the averages (both in the engine's layout), hysteresis state, and the trainer's record. An existing file stays
 * until the new one is on the disk.
 */
export const saveTrainingState = async (path: string, parts: TrainingStateParts): Promise<void> => {
  const { net, trainer, manifest, record } = parts;
  const { optimizer, average } = trainer;
  const tensors = new Map(netState(net));
  net.parameters.forEach(({ name }, index) => {
    slotNames(optimizer.kind, name).forEach((slot, at) => {
      tensors.set(slot, storedTensor(optimizer.slots[index]?.[at] as Tensor));
    });
    if (average) tensors.set(averageName(name), storedTensor(average[index] as Tensor));
  });
  const ternaryCodes = net.codes.some(({ codes }) => codes) ? packNetCodes(net) : undefined;
  const metadata = {
    ...manifestToMetadata({ ...manifest, ternaryCodes }),
    kind: TRAINING_STATE,
    // States of older versions name no optimizer: they are Adam's.
    ...(optimizer.kind !== "adam" && { optimizer: optimizer.kind }),
    adamStep: String(optimizer.step),
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
  optimizer: z.enum(optimizerKinds).default("adam"),
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
  const { optimizer, adamStep: optimizerStep, trainingPasses, record } = parsed.data;
  return { path, manifest, state: tensors, optimizer, optimizerStep, trainingPasses, record };
};

const readLike = (state: StateDict, name: string, { value }: Parameter, path: string): Tensor =>
  tf.tensor(readTensor(state, name, value.shape, path), value.shape);

/** The averages of a state; undefined if its run had none. */
const readAverage = (
  { parameters }: Net,
  { state, path }: TrainingState,
): readonly Tensor[] | undefined => {
  if (!parameters.some(({ name }) => state.has(averageName(name)))) return undefined;
  return parameters.map((each) => readLike(state, averageName(each.name), each, path));
};

/**
 * Loads a training state into a net and returns the optimizer's state and the averages, which the caller owns.
 * @throws QpruneError naming the first tensor that is missing or has another shape.
 */
export const applyTrainingState = (net: Net, saved: TrainingState): TrainerState => {
  const { state, path, manifest, optimizer: kind, optimizerStep: step, trainingPasses } = saved;
  const slots = net.parameters.map((parameter) =>
    slotNames(kind, parameter.name).map((name) => readLike(state, name, parameter, path)),
  );
  const average = readAverage(net, saved);
  applyState(net, state, path);
  // Without the number, norms have counted the passes, or else the optimizer.
  const counted = net.batchCounters.length > 0 ? net.trainingPasses.count : step;
  net.trainingPasses.count = trainingPasses ?? counted;
  if (manifest.ternaryCodes)
    applyCodes(net, manifest.ternaryCodes, keptKernels(net, graphOf(manifest.spec)));
  return { optimizer: { kind, step, slots }, average };
};
