import { randomUUID } from "node:crypto";
import { extname } from "node:path";
import { saveCheckpoint } from "../../../checkpoint/checkpoint.js";
import { netState } from "../../../checkpoint/net-state.js";
import { stateDigest } from "../../../checkpoint/state-digest.js";
import { statePathOf } from "../../../checkpoint/state-path.js";
import { saveTrainingState } from "../../../checkpoint/training-state.js";
import { packageVersion } from "../../../files/package-version.js";
import type { AdamState } from "../../../models/adam-state.js";
import type { EpochEvent, TrainingPosition } from "../../../train/training-position.js";
import { keepAside, moveAside, ownManifest } from "../../outputs/output-file.js";
import type { ResumedRun } from "../resume/resumed-run.js";
import { recordToJson } from "../resume/run-record.js";
import type { Run } from "../run.js";
import { createEpochClock } from "./epoch-clock.js";
import { openRunHistory } from "./run-history.js";

/** Where a run writes, and from where it resumes. */
export interface RunPlace {
  /** The model file. */
  readonly path: string;
  readonly resumed: ResumedRun | undefined;
  /** Accuracy of a model file that is resumed; it is to be beaten. */
  readonly startBest: number | undefined;
  /** The calls that made the file whose weights a fresh run starts from. */
  readonly origin: readonly string[];
  readonly engine: "native" | "js";
}

/** What a run has written so far, and the writing of it. A file of its own run is never moved aside. */
export const openRunFiles = async (
  { call, net, dataSet, context }: Run,
  { path, resumed, startBest, origin, engine }: RunPlace,
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
  // A fresh run has no file yet.
  const own = resumed && (await ownManifest(path, { run, digest }));
  let hasWritten = own !== undefined;
  const isChosenApart = dataSet.validation !== undefined;
  let accuracy = isChosenApart ? own?.validationAccuracy : own?.accuracy;
  let isOldStateAside = resumed !== undefined;
  const manifest = { spec: net.spec, dataSet: dataSet.info, version: packageVersion(), run };
  const suffix = extname(path);
  const images = dataSet.fingerprint ?? null;
  return {
    /** Accuracy of the model that was written last, on the images by which epochs are chosen. */
    accuracy: () => accuracy,
    hasWritten: () => hasWritten,
    /** Writes the model; the first one of a run moves an older run's file aside. */
    model: async (epoch: number, tested: number | undefined): Promise<void> => {
      if (!hasWritten) await moveAside(path);
      const score = isChosenApart ? { validationAccuracy: tested } : { accuracy: tested };
      await saveCheckpoint(path, net, { ...manifest, ...score, epoch, isFinished: false });
      hasWritten = true;
      accuracy = tested;
      digest = stateDigest(netState(net));
    },
    /** Adds an epoch to the history. */
    epoch: (event: EpochEvent): void => history.add(event, clock.seconds()),
    /** Writes the history first, then the state, so a saved state never refers to an epoch missing from the history. */
    state: async (position: TrainingPosition, adam: AdamState): Promise<void> => {
      clock.turnTo(position.epoch);
      await history.write(digest);
      if (!isOldStateAside) await keepAside(statePathOf(path));
      isOldStateAside = true;
      const epochSeconds = clock.seconds();
      const rest = {
        ...{ engine, run, suffix, digest, images, epochSeconds },
        startBest: startBest ?? null,
      };
      await saveTrainingState(statePathOf(path), {
        net,
        adam,
        manifest: { ...manifest, epoch: position.epoch, isFinished: false },
        record: recordToJson(call, position, rest),
      });
    },
  };
};

export type RunFiles = Awaited<ReturnType<typeof openRunFiles>>;
