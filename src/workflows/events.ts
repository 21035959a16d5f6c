import type { QpruneError } from "../base/errors.js";
import type { Box } from "../boxes/box.js";
import type { DataSetInfo } from "../data/data-set.js";
import type { SetupProgress } from "../engine/setup/setup-reporter.js";
import type { RateRange } from "../train/learning-rate-range.js";
import type { Evaluation } from "../train/tasks/evaluation.js";
import type { EpochEvent } from "../train/training-position.js";
import type { StepEvent } from "../train/training-run.js";
import type { StartedRun } from "./training/started-run.js";

/** Events of any workflow. */
type CommonEvent =
  /** Quantization after training observes calibration images, then quantizes layer after layer. */
  | {
      readonly kind: "quantizing-progress";
      readonly what: "images" | "layers";
      readonly done: number;
      readonly total: number;
    }
  /** A line about setting up the engine or reading images. */
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
  /** The published weights of the architecture `arch` are being downloaded. */
  | {
      readonly kind: "weights-progress";
      readonly arch: string;
      readonly receivedBytes: number;
      readonly totalBytes: number | undefined;
    }
  /** The published weights of `arch` are in `file`, whose hash has been checked. */
  | {
      readonly kind: "weights-ready";
      readonly arch: string;
      readonly file: string;
      /** The published hex digits of its hash. */
      readonly sha256: string;
      /** Whether the file was in the user's cache before. */
      readonly isKept: boolean;
    }
  /** Waiting up to `longestMs` milliseconds to see whether the holder of the lock `path` is still running. */
  | {
      readonly kind: "waiting-for-lock";
      readonly path: string;
      readonly holder: string;
      readonly longestMs: number;
    }
  /** No file was given, and `chosen` is used instead of the default. */
  | {
      readonly kind: "model-chosen";
      /** The option that names the file. */
      readonly option: string;
      readonly defaultFile: string;
      readonly why: "missing" | "does not fit";
      readonly chosen: string;
    }
  /** The file does not record how it was trained: it is treated as the full-precision net `arch` on the images `dataSet`. */
  | { readonly kind: "unrecorded-training"; readonly arch: string; readonly dataSet: DataSetInfo }
  /** The provenance of a file could not be written next to it. */
  | { readonly kind: "provenance-not-written"; readonly file: string; readonly reason: string }
  /** Gradients are about to be computed on this many batches of training images. */
  | { readonly kind: "calibrating"; readonly batches: number }
  /** Nets are about to be timed on batches of this many images. */
  | { readonly kind: "measuring-latency"; readonly batch: number }
  /** So many of all nets with a changed layer have been tested. */
  | { readonly kind: "sensitivity-progress"; readonly done: number; readonly nets: number }
  /** A net is about to be tested. */
  | { readonly kind: "testing-net"; readonly net: string }
  | {
      readonly kind: "testing";
      readonly nets: number;
      readonly imagesSeen: number;
      readonly images: number;
    };

/** An option whose value differs between a resumed run and the call that resumes it. */
export interface ChangedOption {
  readonly option: string;
  readonly now: unknown;
  readonly before: unknown;
}

/** The test of a file. */
export interface EvaluationResult {
  readonly file: string;
  readonly evaluation: Evaluation;
  readonly seconds: number;
}

/** Events of training. */
type TrainingEvent =
  | {
      readonly kind: "run-resumed";
      readonly state: string;
      readonly epoch: number;
      readonly batchesDone: number;
      readonly changes: readonly ChangedOption[];
    }
  /** The data and the net are ready. */
  | { readonly kind: "run-started"; readonly run: StartedRun }
  /** A new run replaces an unfinished one, whose files are kept under the names in `kept`. */
  | {
      readonly kind: "unfinished-run-kept";
      readonly file: string;
      readonly kept: readonly string[];
      /** Whether files of these names are replaced. */
      readonly isReplacing: boolean;
    }
  /** A net that was trained on the user's own images continues on others, which rename its classes. */
  | {
      readonly kind: "classes-renamed";
      readonly file: string;
      readonly before: readonly string[];
      readonly dataSet: DataSetInfo;
      readonly folder: string;
    }
  /** A net that was trained on the data set `recorded` continues on `dataset`, the default. */
  | {
      readonly kind: "other-data-set";
      readonly file: string;
      readonly recorded: string;
      readonly dataset: string;
    }
  /** The images have other classes than `file`: the layer that computes them starts from new weights. */
  | {
      readonly kind: "head-replaced";
      readonly file: string;
      readonly layer: string;
      readonly before: number;
      readonly after: number;
    }
  /** The resumed run has all its epochs or steps: nothing is left to do. */
  | {
      readonly kind: "run-complete";
      readonly epochs: number;
      /** The limit of steps that ended the run; undefined if its epochs did. */
      readonly steps: number | undefined;
    }
  /** The learning rate is about to be chosen by a range test. */
  | { readonly kind: "rate-test-started" }
  | { readonly kind: "rate-found"; readonly range: RateRange }
  /** Emitted before the first step; speeds are measured from here. */
  | { readonly kind: "training-started" }
  | { readonly kind: "step"; readonly step: StepEvent }
  | { readonly kind: "epoch"; readonly epoch: EpochEvent }
  | { readonly kind: "evaluated"; readonly result: EvaluationResult }
  | {
      readonly kind: "history-incomplete";
      readonly path: string;
      /** What is wrong with the history file; undefined if it is missing or belongs to another run. */
      readonly damage: string | undefined;
      readonly firstEpoch: number;
    }
  | { readonly kind: "history-not-written"; readonly reason: string }
  /** The run was interrupted. `isTested` is true if the saved model is the best so far. */
  | {
      readonly kind: "run-interrupted";
      readonly file: string;
      readonly isTested: boolean;
      readonly because: "signal" | "time limit";
    }
  /** The best epoch is worse than the file that training started from; that file is kept. */
  | {
      readonly kind: "no-improvement";
      readonly file: string;
      readonly accuracy: number;
      readonly startAccuracy: number;
    }
  /** The run failed; it can be resumed from the training state `state`. */
  | { readonly kind: "run-failed"; readonly state: string };

/** Events of prediction, one per image, in the order of the call. */
type PredictionEvent =
  | {
      readonly kind: "predicted";
      readonly image: string;
      readonly predictions: readonly ClassProbability[];
      /** Only of a detector, which has no predictions for the whole image. */
      readonly objects?: readonly FoundObject[] | undefined;
    }
  | { readonly kind: "unreadable-image"; readonly image: string; readonly reason: string };

/** An object in an image, in pixels of the original image, or of the net's input if it is none from a file. */
export interface FoundObject extends Box {
  readonly class: string;
  readonly index: number;
  /** 0 to 1. */
  readonly score: number;
}

/** A class with its probability for an image. */
export interface ClassProbability {
  /** The name of the class, or its number if the file records no names. */
  readonly class: string;
  readonly index: number;
  /** 0 to 1; those of all classes sum to 1. */
  readonly probability: number;
}

/** Something that happened in a workflow, as plain data. The caller decides what to show. */
export type WorkflowEvent = CommonEvent | TrainingEvent | PredictionEvent;

/** The event of a kind. */
export type EventOf<K extends WorkflowEvent["kind"]> = Extract<WorkflowEvent, { kind: K }>;
