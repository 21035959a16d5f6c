import type { StepEvent } from "../../train/train-net.js";
import type { EpochEvent } from "../../train/training-position.js";
import type { EvaluationResult } from "../../workflows/events.js";
import type { TrainedModel } from "../../workflows/training/run-epochs.js";
import type { ChosenBy } from "../../workflows/training/started-run.js";

/** What a reporter has to know of a run. */
export interface ShownRun {
  readonly trainImages: number;
  readonly epochs: number;
  readonly chosenBy: ChosenBy;
}

/** Shows a run's progress: as JSON lines, as the reference scripts' lines, or with a progress bar. */
export interface Reporter {
  /** Before the first step, so that speeds do not count what came before. */
  readonly start: () => void;
  readonly step: (event: StepEvent) => void;
  readonly testing: (imagesSeen: number, images: number) => void;
  readonly epoch: (event: EpochEvent) => void;
  readonly evaluated: (result: EvaluationResult) => void;
  readonly done: (result: TrainedModel) => void;
  /** Whatever the end: leaves the terminal in order. */
  readonly close: () => void;
}
