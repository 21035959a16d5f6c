import type { Evaluation } from "../../train/evaluate.js";
import type { StepEvent } from "../../train/train-net.js";
import type { EpochEvent } from "../../train/training-position.js";
import type { InputSpeed } from "../../workflows/training/input-meter.js";

/** The images by which the best epoch is chosen: the test images, or training images that are held out. */
export type ChosenBy = "test" | "validation";

/** What a training run ends with. */
export interface RunResult extends Partial<InputSpeed> {
  readonly file: string;
  /** Percent of the images by which epochs are chosen; undefined where nothing was tested. */
  readonly bestAccuracy: number | undefined;
  /** Percent of the test images where these are not the same. */
  readonly testAccuracy?: number | undefined;
  /** The process's largest resident size, in MiB. */
  readonly peakMemoryMb: number;
  readonly seconds: number;
}

/** A file's test, as --evaluate reports it. */
export interface EvaluationResult {
  readonly file: string;
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

/** Shows a run while it goes on: as JSON lines, as the original's lines, or with a progress bar. */
export interface Reporter {
  /** Before the first step, so that speeds do not count what came before. */
  readonly start: () => void;
  readonly step: (event: StepEvent) => void;
  readonly testing: (imagesSeen: number, images: number) => void;
  readonly epoch: (event: EpochEvent) => void;
  readonly evaluated: (result: EvaluationResult) => void;
  readonly done: (result: RunResult) => void;
  /** Whatever the end: leaves the terminal in order. */
  readonly close: () => void;
}
