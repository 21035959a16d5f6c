import type { QpruneError } from "../base/errors.js";
import type { DataSetInfo } from "../data/data-set.js";
import type { SetupProgress } from "../engine/setup/setup-reporter.js";
import type { Evaluation } from "../train/evaluate.js";
import type { StepEvent } from "../train/train-net.js";
import type { EpochEvent } from "../train/training-position.js";
import type { StartedRun } from "./training/started-run.js";

/** What any workflow may report. */
type CommonEvent =
  /** A line of the engine's set-up, or of reading images. */
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "setup-progress"; readonly progress: SetupProgress }
  /** The native engine is not available for this reason: the JavaScript engine is used. */
  | { readonly kind: "engine-fallback"; readonly error: QpruneError }
  | {
      readonly kind: "download-progress";
      readonly dataSet: string;
      readonly receivedBytes: number;
      readonly totalBytes: number | undefined;
    }
  /** Another process may hold the lock `path`; it is watched for at most `longestMs` milliseconds. */
  | {
      readonly kind: "waiting-for-lock";
      readonly path: string;
      readonly holder: string;
      readonly longestMs: number;
    }
  /** No file was given: `chosen` is used in place of the usual one. */
  | {
      readonly kind: "model-chosen";
      /** The option that would name it. */
      readonly option: string;
      readonly usual: string;
      readonly why: "missing" | "does not fit";
      readonly chosen: string;
    }
  /** The file does not record how it was trained: it counts as a full-precision net on CIFAR-10. */
  | { readonly kind: "unrecorded-training" }
  /** How a file was made could not be written next to it. */
  | { readonly kind: "provenance-not-written"; readonly file: string; readonly reason: string }
  /** A net is about to be tested. */
  | { readonly kind: "testing-net"; readonly net: string }
  | {
      readonly kind: "testing";
      readonly nets: number;
      readonly imagesSeen: number;
      readonly images: number;
    };

/** An option that a resumed run has with another value than before. */
export interface ChangedOption {
  readonly option: string;
  readonly now: unknown;
  readonly before: unknown;
}

/** A file's test. */
export interface EvaluationResult {
  readonly file: string;
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

/** What training reports. */
type TrainingEvent =
  | {
      readonly kind: "run-resumed";
      readonly state: string;
      readonly epoch: number;
      readonly batchesDone: number;
      readonly changes: readonly ChangedOption[];
    }
  /** Data and net are ready. */
  | { readonly kind: "run-started"; readonly run: StartedRun }
  /** A new run takes the place of one that was not finished, which is kept as `kept`. */
  | {
      readonly kind: "unfinished-run-kept";
      readonly file: string;
      readonly kept: readonly string[];
      /** Whether an earlier file of that name is replaced. */
      readonly isReplacing: boolean;
    }
  /** The net of a file trained on the user's own images continues on others: its outputs get other names. */
  | {
      readonly kind: "classes-renamed";
      readonly file: string;
      readonly before: readonly string[];
      readonly dataSet: DataSetInfo;
      readonly folder: string;
    }
  /** The first step is next: speeds count from here. */
  | { readonly kind: "training-started" }
  | { readonly kind: "step"; readonly step: StepEvent }
  | { readonly kind: "epoch"; readonly epoch: EpochEvent }
  | { readonly kind: "evaluated"; readonly result: EvaluationResult }
  | {
      readonly kind: "history-incomplete";
      readonly path: string;
      /** Why the file has no earlier epochs; undefined where it is missing or belongs to another run. */
      readonly damage: string | undefined;
      readonly firstEpoch: number;
    }
  | { readonly kind: "history-not-written"; readonly reason: string }
  /** The run was stopped; `isTested` where the saved model is the best so far. */
  | { readonly kind: "run-interrupted"; readonly file: string; readonly isTested: boolean }
  /** The best epoch is worse than the file that training started from, which is kept. */
  | {
      readonly kind: "no-improvement";
      readonly file: string;
      readonly accuracy: number;
      readonly startAccuracy: number;
    }
  /** The run failed, and `state` is a training state from which it can be resumed. */
  | { readonly kind: "run-failed"; readonly state: string };

/** What prediction reports of each image, in the order in which they were named. */
type PredictionEvent =
  | {
      readonly kind: "predicted";
      readonly image: string;
      readonly predictions: readonly ClassProbability[];
    }
  | { readonly kind: "unreadable-image"; readonly image: string; readonly reason: string };

/** A class that a net sees in an image. */
export interface ClassProbability {
  /** The class's name, or its number where the file records no names. */
  readonly class: string;
  readonly index: number;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

/** What happens while a workflow runs, as plain data: whoever calls it decides what is shown. */
export type WorkflowEvent = CommonEvent | TrainingEvent | PredictionEvent;
