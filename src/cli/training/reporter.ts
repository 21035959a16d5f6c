import type { EpochEvent } from "../../train/training-position.js";
import type { StepEvent } from "../../train/training-run.js";
import type { EvaluationResult } from "../../workflows/events.js";
import type { TrainedModel } from "../../workflows/training/run-epochs.js";
import type { ChosenBy } from "../../workflows/training/started-run.js";

/** Properties of a run that reporters show. */
export interface ShownRun {
  readonly trainImages: number;
  readonly epochs: number;
  readonly chosenBy: ChosenBy;
}

/** Prints the progress of a run: as JSON lines, as the lines of the reference scripts, or with a progress bar. */
export interface Reporter {
  /** Called before the first step, so that speeds do not include the preparation. */
  readonly start: () => void;
  readonly step: (event: StepEvent) => void;
  readonly testing: (imagesSeen: number, images: number) => void;
  readonly epoch: (event: EpochEvent) => void;
  readonly evaluated: (result: EvaluationResult) => void;
  readonly done: (result: TrainedModel) => void;
  /** Restores the terminal; call it in any case. */
  readonly close: () => void;
}
