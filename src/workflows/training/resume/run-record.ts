import { z } from "zod";
import { QpruneError } from "../../../base/errors.js";
import { firstProblem } from "../../../base/first-problem.js";
import { option } from "../../../base/option-reference.js";
import { quantizationSchema } from "../../../graph/quantizers.js";
import { scheduleKinds } from "../../../train/schedules/create-schedule.js";
import { learningRateAt } from "../../../train/schedules/learning-rate.js";
import type { TrainingPosition } from "../../../train/training-position.js";
import type { TrainingCall } from "../training-call.js";

const count = z.int().nonnegative();
/** JSON has neither NaN nor infinities: null means "none". */
const orNaN = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const orNone = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NEGATIVE_INFINITY);

const precision = z.number().nullable();
const precisionsSchema = z.object({ mean: precision, at50: precision, at75: precision });

const epochSchema = z.object({
  epoch: count,
  trainLoss: orNaN,
  // Absent in states of older versions.
  trainAccuracy: orNaN.prefault(null),
  test: z.object({
    loss: z.number(),
    correct: count,
    count,
    accuracy: z.number(),
    precisions: precisionsSchema.optional(),
  }),
  bestAccuracy: z.number(),
  isBest: z.boolean(),
  // Absent in states of older versions.
  learningRate: z.number().optional(),
  gammaPercentiles: z.object({ "30": z.number(), "50": z.number(), "70": z.number() }).optional(),
});

const positionSchema = z.object({
  epoch: count,
  batchesDone: count,
  lossSum: z.number(),
  imagesSeen: count,
  hits: count.nullable().default(null),
  steps: count,
  bestAccuracy: orNone,
  testedSteps: count.nullable(),
  lastEpoch: epochSchema.nullable(),
});

/** What a training state records about its run in addition to net and optimizer. */
const recordSchema = z.object({
  position: positionSchema,
  /** The options that the run was started with, defaults included. */
  options: z.looseObject({
    lr: z.number(),
    lr_drops: z.array(z.number()),
    // Absent in states of older versions, like the learning rate of an epoch.
    schedule: z.enum(scheduleKinds).default("steps"),
    accumulate: count.default(1),
  }),
  /** The quantization of the result; null in states of older versions. */
  quantization: quantizationSchema.nullable().default(null),
  sparsityLambda: z.number().nullable(),
  stage: z.enum(["preprune", "refine"]).nullable(),
  command: z.enum(["wqaq", "wbwtab", "prune"]),
  engine: z.enum(["native", "js"]),
  /** Distinguishes this run's files from all others. */
  run: z.string(),
  /** Digest of the state dict in the model file that it wrote last (see stateDigest); null before the first. */
  digest: z.string().nullable(),
  /** The format of its model file. */
  suffix: z.string().regex(/^\.[a-z]{1,20}$/),
  /** The accuracy of the model file that the run started from. */
  startBest: z.number().nullable(),
  /** Fingerprint of the user's own images (see DataSet.fingerprint); null for other data sets. */
  images: z.string().nullable().default(null),
  /** Digest of the state dict of the net that it learns from (see stateDigest); null without a teacher. */
  teacher: z.string().nullable().default(null),
  /** Images per batch, of all workers together; null in states of older versions, which had one worker. */
  wholeBatch: count.nullable().default(null),
  /** Seconds that the current epoch has taken so far. */
  epochSeconds: z.number().nonnegative().default(0),
});
type StoredRecord = z.output<typeof recordSchema>;
export type RunRecord = Omit<StoredRecord, "position"> & { readonly position: TrainingPosition };

/** The position of a record; the learning rate of an epoch follows from the options if an older version stored none. */
const positionOf = ({ position, options }: StoredRecord): TrainingPosition => {
  const { lastEpoch } = position;
  if (!lastEpoch) return { ...position, lastEpoch };
  const rate = learningRateAt(lastEpoch.epoch, options.lr, options.lr_drops);
  const learningRate = lastEpoch.learningRate ?? rate;
  return { ...position, lastEpoch: { ...lastEpoch, learningRate } };
};

const orNull = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : value;

/** The record as JSON. */
export const recordToJson = (
  { options, quantization, sparsityLambda, stage, command }: TrainingCall,
  position: TrainingPosition,
  rest: Pick<
    RunRecord,
    | "engine"
    | "run"
    | "digest"
    | "suffix"
    | "startBest"
    | "images"
    | "teacher"
    | "epochSeconds"
    | "wholeBatch"
  >,
): unknown => ({
  ...rest,
  command,
  options,
  quantization,
  sparsityLambda: sparsityLambda ?? null,
  stage: stage ?? null,
  position: {
    ...position,
    bestAccuracy: orNull(position.bestAccuracy),
    lastEpoch: position.lastEpoch && {
      ...position.lastEpoch,
      trainLoss: orNull(position.lastEpoch.trainLoss),
      trainAccuracy: orNull(position.lastEpoch.trainAccuracy),
    },
  },
});

/** What to do about a damaged training state. */
export const DAMAGED_STATE_HINT = `Start from the model file next to it with ${option("resume")}, or start a new run.`;

/** @throws QpruneError if the record of a state is damaged. */
export const readRecord = (record: unknown, path: string): RunRecord => {
  const parsed = recordSchema.safeParse(record);
  if (parsed.success) return { ...parsed.data, position: positionOf(parsed.data) };
  throw new QpruneError(
    `${path}: the record of the run is damaged (${firstProblem(parsed.error, "record")}).`,
    { hint: DAMAGED_STATE_HINT },
  );
};
