import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import { saveCheckpoint } from "../../../checkpoint/checkpoint.js";
import { netState } from "../../../checkpoint/tensors/net-state.js";
import { stateDigest } from "../../../checkpoint/tensors/state-digest.js";
import { saveTrainingState } from "../../../checkpoint/training/training-state.js";
import { trainingStatePathOf } from "../../../checkpoint/training/training-state-path.js";
import { packageVersion } from "../../../files/package-version.js";
import type { TrainerState } from "../../../models/trainer-state.js";
import type { EpochEvent, TrainingPosition } from "../../../train/training-position.js";
import { keepAside, moveAside, ownManifest } from "../../outputs/output-file.js";
import type { ResumedRun } from "../resume/resumed-run.js";
import { recordToJson } from "../resume/run-record.js";
import type { Run } from "../run.js";
import { openRunHistory } from "./run-history.js";

/** Measures the duration of the current epoch, including earlier calls of the same run. */
interface EpochClock {
  /** Seconds of the current epoch so far. */
  readonly seconds: () => number;
  /** Restarts the clock if `epoch` is a new one. */
  readonly startEpoch: (epoch: number) => void;
}

/** `start` is the current epoch and the seconds that earlier calls spent on it. */
const createEpochClock = (
  now: () => number,
  start: { readonly epoch: number; readonly seconds: number },
): EpochClock => {
  let { epoch } = start;
  let since = now() - 1000 * start.seconds;
  return {
    seconds: () => (now() - since) / 1000,
    startEpoch: (next) => {
      if (next === epoch) return;
      epoch = next;
      since = now();
    },
  };
};

/** Where a run writes, and what it starts from. */
export interface RunTarget {
  /** The model file. */
  readonly path: string;
  readonly resumed: ResumedRun | undefined;
  /** Accuracy of a resumed model file, which the run has to exceed. */
  readonly startBest: number | undefined;
  /** The commands that made the file whose weights a new run starts from. */
  readonly origin: readonly string[];
  readonly engine: "native" | "js";
  /** Digest of the state dict of the net that the run learns from. */
  readonly teacher?: string | undefined;
}

/** Opens the files of a run: model, history and training state. Files of other runs are kept under other names. */
export const openRunFiles = async (
  { call, net, dataSet, context, wholeBatch }: Run,
  { path, resumed, startBest, origin, engine, teacher }: RunTarget,
) => {
  const run = resumed?.record.run ?? randomUUID();
  const history = await openRunHistory({
    ...{ call, path, run, resumed, origin, onEvent: context.onEvent },
    arch: net.spec.arch,
  });
  const clock = createEpochClock(context.now, {
    epoch: resumed?.record.position.epoch ?? 1,
    seconds: resumed?.record.epochSeconds ?? 0,
  });
  let digest = resumed?.record.digest ?? null;
  // A new run has no file yet.
  const own = resumed && (await ownManifest(path, { run, digest }));
  let hasWritten = own !== undefined;
  const hasValidation = dataSet.validation !== undefined;
  let accuracy = hasValidation ? own?.validationAccuracy : own?.accuracy;
  let isOldStateKept = resumed !== undefined;
  const manifest = { spec: net.spec, dataSet: dataSet.info, version: packageVersion(), run };
  const suffix = extname(path);
  const images = dataSet.fingerprint ?? null;
  return {
    /** Accuracy of the model that was written last, on the images that the best epoch is chosen by. */
    accuracy: () => accuracy,
    hasWritten: () => hasWritten,
    /** Writes the model. Before the first time, the file of an earlier run is moved out of the way. */
    model: async (epoch: number, tested: number | undefined): Promise<void> => {
      if (!hasWritten) await moveAside(path);
      const score = hasValidation ? { validationAccuracy: tested } : { accuracy: tested };
      await saveCheckpoint(path, net, { ...manifest, ...score, epoch, isFinished: false });
      hasWritten = true;
      accuracy = tested;
      digest = stateDigest(netState(net));
    },
    /** Adds an epoch to the history. */
    epoch: (event: EpochEvent): void => history.add(event, clock.seconds()),
    /** Writes the history first, then the state, so a saved state never refers to an epoch missing from the history. */
    state: async (position: TrainingPosition, trainer: TrainerState): Promise<void> => {
      clock.startEpoch(position.epoch);
      await history.write(digest);
      if (!isOldStateKept) await keepAside(trainingStatePathOf(path));
      isOldStateKept = true;
      const epochSeconds = clock.seconds();
      const rest = {
        ...{ engine, run, suffix, digest, images, epochSeconds, wholeBatch },
        startBest: startBest ?? null,
        teacher: teacher ?? null,
      };
      await saveTrainingState(trainingStatePathOf(path), {
        net,
        trainer,
        manifest: { ...manifest, epoch: position.epoch, isFinished: false },
        record: recordToJson(call, position, rest),
      });
    },
  };
};

export type RunFiles = Awaited<ReturnType<typeof openRunFiles>>;
