import {
  type FoundHistory,
  type HistoryEpoch,
  readHistory,
  type TrainingHistory,
  writeHistory,
} from "../../../checkpoint/training/training-history.js";
import { shellCommand } from "../../../options/names/shell-command.js";
import type { EpochEvent, TrainingPosition } from "../../../train/training-position.js";
import type { WorkflowContext } from "../../context.js";
import type { WorkflowEvent } from "../../events.js";
import { historyPathOf } from "../../history/history-path.js";
import { keepAside } from "../../outputs/output-file.js";
import type { ResumedRun } from "../resume/resumed-run.js";
import type { TrainingCall } from "../training-call.js";

/** The history of a run; a resumed run continues its earlier history. */
export interface RunHistory {
  readonly path: string;
  /** Adds an epoch. A partial epoch (tested early) is replaced when it completes. */
  readonly add: (event: EpochEvent, seconds: number | null) => void;
  /**
   * Writes added epochs; `model` is the digest of the model file. A failure is reported and does not stop training;
   * writing is tried again after the next epoch.
   */
  readonly write: (model: string | null) => Promise<void>;
}

export interface RunHistoryOptions {
  readonly call: TrainingCall;
  /** The model file, and the net in it. */
  readonly path: string;
  readonly arch: string;
  readonly run: string;
  readonly resumed: ResumedRun | undefined;
  /** The commands that made the file whose weights a new run starts from. */
  readonly origin: readonly string[];
  readonly onEvent: WorkflowContext["onEvent"];
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const toEpoch = (
  { epoch, trainLoss, trainAccuracy, test, learningRate }: EpochEvent,
  seconds: number | null,
): HistoryEpoch => ({
  epoch,
  trainLoss: orNull(trainLoss),
  trainAccuracy: orNull(trainAccuracy),
  testLoss: test.loss,
  testAccuracy: test.accuracy,
  learningRate,
  seconds,
});

/** The epochs up to the training state. A killed run may have recorded one more, which is trained again. */
const seenEpochs = ({ epochs }: TrainingHistory, { lastEpoch }: TrainingPosition): HistoryEpoch[] =>
  epochs.filter(({ epoch }) => epoch <= (lastEpoch?.epoch ?? 0));

/** The earlier history of a resumed run, whether its file is the one to write, and the event if it was lost. */
const openResumed = async ({ path, resumed, run, origin }: RunHistoryOptions) => {
  const fresh = { epochs: [], commands: [], origin, isOwn: false, lost: undefined };
  if (!resumed) return fresh;
  const { position } = resumed.record;
  const source = historyPathOf(resumed.state.path);
  const found: FoundHistory = await readHistory(source);
  if (found.kind === "found" && found.history.run === run) {
    return {
      epochs: seenEpochs(found.history, position),
      commands: found.history.commands,
      origin: found.history.origin,
      isOwn: source === historyPathOf(path),
      lost: undefined,
    };
  }
  const { lastEpoch } = position;
  if (!lastEpoch) return fresh;
  const lost: WorkflowEvent = {
    kind: "history-incomplete",
    path: source,
    damage: found.kind === "damaged" ? found.why : undefined,
    firstEpoch: lastEpoch.epoch,
  };
  return {
    ...fresh,
    epochs: [toEpoch(lastEpoch, null)],
    lost,
  };
};

/** Opens the history of a run; nothing is written before the first epoch is done. */
export const openRunHistory = async (options: RunHistoryOptions): Promise<RunHistory> => {
  const { call, run, resumed, arch, onEvent } = options;
  // Records the net of the model file rather than the default of `arch`.
  const recorded = call.given.has("arch") ? call.options : { ...call.options, arch };
  const path = historyPathOf(options.path);
  const opened = await openResumed(options);
  const fromEpoch = resumed?.record.position.epoch ?? 1;
  const commands = [...opened.commands, { command: shellCommand(call.argv), fromEpoch }];
  const { origin } = opened;
  let { epochs, isOwn } = opened;
  let lost: WorkflowEvent | undefined = opened.lost;
  let hasChanges = false;
  return {
    path,
    add: (event, seconds) => {
      const others = epochs.filter(({ epoch }) => epoch !== event.epoch);
      epochs = [...others, toEpoch(event, seconds)];
      hasChanges = true;
    },
    write: async (model) => {
      if (!hasChanges) return;
      if (lost !== undefined) onEvent(lost);
      lost = undefined;
      try {
        if (!isOwn) await keepAside(path);
        isOwn = true;
        const written = { run, model, origin: [...origin], commands, options: { ...recorded } };
        await writeHistory(path, { ...written, epochs });
        hasChanges = false;
      } catch (error) {
        onEvent({ kind: "history-not-written", reason: (error as Error).message });
      }
    },
  };
};
