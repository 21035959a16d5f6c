import type { DetectionScores } from "../../boxes/average-precision.js";
import type { FoundBox, LabeledBox } from "../../boxes/box.js";
import type { Sensitivity } from "../sensitivity/sensitivity.js";

/** The number of a layer's weights at each value of their grid, in ascending order. */
export interface LayerCodes {
  /** `sign`: -1, 0, 1; `dorefa`: the codes 0 to 2^bits - 1. */
  readonly grid: "sign" | "dorefa" | "affine";
  readonly counts: readonly number[];
  /** Bits per weight that an ideal coder would need. */
  readonly entropyBits: number;
}

/** One convolution with its norm. */
export interface ComparedLayer {
  /** Its name in the state dict. */
  readonly name: string;
  /** Output channels. */
  readonly width: number;
  readonly parameters: number;
  /** For one image. */
  readonly macs: number;
  /** Null if the weights are not quantized. */
  readonly codes: LayerCodes | null;
}

/** The results of a net on the test images. */
export interface ComparedTest {
  /** Percent; of a detector, the mean average precision at an overlap of 0.5. */
  readonly accuracy: number;
  /** Mean cross-entropy, or the loss of a detector. */
  readonly loss: number;
  readonly correct: number;
  /** Percent of the images for which it predicts the same class as the first net, or finds the same objects. */
  readonly agreement: number;
  /** Images that the first net classifies wrongly and this one correctly, and the reverse. */
  readonly becameRight: number;
  readonly becameWrong: number;
  /** Numbers of images by true class, then by predicted class; empty for a detector. */
  readonly confusion: readonly (readonly number[])[];
  /** Only of a detector. */
  readonly detection?: ComparedDetection | undefined;
}

/** Further results of a detector on the test images. */
export interface ComparedDetection {
  /** Mean average precisions in percent; null without objects. */
  readonly precisions: Pick<DetectionScores, "mean" | "at50" | "at75">;
  /** The mean over classes of the precision, 0 to 1, at recalls of 0, 0.01, … 1, at an overlap of 0.5. */
  readonly curve: readonly number[];
}

/** An image with its objects, and what each net found with a score of at least 0.5. */
export interface DetectedImage {
  readonly index: number;
  /** [height, width, channels], red, green and blue. */
  readonly pixels: Uint8Array;
  readonly truth: readonly LabeledBox[];
  readonly found: readonly (readonly FoundBox[])[];
}

/** One epoch of a net's training; null marks a number that was not measured. */
export interface ComparedEpoch {
  readonly epoch: number;
  readonly trainLoss: number | null;
  readonly trainAccuracy: number | null;
  readonly testLoss: number;
  readonly testAccuracy: number;
  readonly learningRate: number;
}

/** How a file was trained, or why that is unknown. */
export type ComparedHistory =
  | {
      readonly kind: "found";
      readonly commands: readonly string[];
      readonly epochs: readonly ComparedEpoch[];
    }
  | {
      readonly kind: "none";
      readonly why: string;
      /** True if there is no history file, as for files that were derived from trained ones. */
      readonly isMissing: boolean;
    };

/** Numbers of a net for a table. */
export interface ComparedNumbers {
  readonly parameters: number;
  /** For one image. */
  readonly macs: number;
  readonly packedBytes: number;
  readonly peakActivationBytes: number;
  /** The same with every activation in float32. */
  readonly peakActivationFloat32Bytes: number;
  readonly imagesPerSecond: number;
}

/** One of the compared files. */
export interface ComparedNet extends ComparedNumbers {
  /** A, B, C … in the order of the arguments. */
  readonly label: string;
  readonly file: string;
  readonly fileBytes: number;
  readonly arch: string;
  /** The form of the net (see netForms), and whether the file is packed. */
  readonly form: string;
  /** A description of the quantization. */
  readonly quantization: string;
  readonly layers: readonly ComparedLayer[];
  /** Null without images. */
  readonly test: ComparedTest | null;
  readonly history: ComparedHistory;
}

/** An image for which a net predicts another class than the first net. */
export interface ChangedImage {
  /** Its index among the test images, from 0. */
  readonly index: number;
  /** Its path in the folder of the images; null in a data set whose images are not files. */
  readonly file: string | null;
  /** [height, width, channels], red, green and blue. */
  readonly pixels: Uint8Array;
  /** Class indices: the true class, and the prediction of each net. */
  readonly truth: number;
  readonly chosen: readonly number[];
}

/** The images on which the nets were tested. */
export interface ComparedImages {
  readonly dataSet: string;
  /** The folder of the user's own images; null for a data set that has a name. */
  readonly folder: string | null;
  readonly count: number;
  readonly classNames: readonly string[];
  readonly height: number;
  readonly width: number;
  /** The first images with a changed class, and the number of all of them. */
  readonly changed: readonly ChangedImage[];
  readonly changedCount: number;
  /** Of detectors, instead of the images with a changed class: images on which a net makes a mistake, then others. */
  readonly detected?: readonly DetectedImage[] | undefined;
}

/** A comparison of nets as plain data. */
export interface Comparison {
  /** At least two; agreement is measured against the first. */
  readonly nets: readonly ComparedNet[];
  readonly images:
    | ({ readonly kind: "tested" } & ComparedImages)
    | { readonly kind: "none"; readonly why: string };
  /** Images per batch in the measurement of the speed. */
  readonly speedBatch: number;
  /** How one of the nets reacts to changes of single layers, if that was measured. */
  readonly sensitivity?: Sensitivity | undefined;
}
