/** How often a layer's weights take each value of their grid, from the smallest value. */
export interface LayerCodes {
  /** `sign`: -1, 0, 1; `dorefa`: the codes 0 to 2^bits - 1. */
  readonly grid: "sign" | "dorefa";
  readonly counts: readonly number[];
  /** Bits a weight that an ideal coder would need. */
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
  /** Null where the weights are not quantized. */
  readonly codes: LayerCodes | null;
}

/** What a net did on the test images. */
export interface ComparedTest {
  /** Percent. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly correct: number;
  /** Percent of the images to which it gives the class that the first net gives. */
  readonly agreement: number;
  /** Images that the first net has wrong and this one right, and the other way round. */
  readonly becameRight: number;
  readonly becameWrong: number;
  /** Images by their class, then by the one that the net gives them. */
  readonly confusion: readonly (readonly number[])[];
}

/** One epoch of a net's training; null is what was not measured. */
export interface ComparedEpoch {
  readonly epoch: number;
  readonly trainLoss: number | null;
  readonly trainAccuracy: number | null;
  readonly testLoss: number;
  readonly testAccuracy: number;
  readonly learningRate: number;
}

/** How a file was trained, or why that is not known. */
export type ComparedHistory =
  | {
      readonly kind: "found";
      readonly commands: readonly string[];
      readonly epochs: readonly ComparedEpoch[];
    }
  | {
      readonly kind: "none";
      readonly why: string;
      /** True where no history lies there at all, as beside files that were made from trained ones. */
      readonly isMissing: boolean;
    };

/** Numbers of a net that a table shows side by side. */
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

/** One of the files. */
export interface ComparedNet extends ComparedNumbers {
  /** A, B, C … in the order of the call. */
  readonly label: string;
  readonly file: string;
  readonly fileBytes: number;
  readonly arch: string;
  /** trainable, baked or merged, and whether the file is packed. */
  readonly form: string;
  /** In words. */
  readonly quantization: string;
  readonly layers: readonly ComparedLayer[];
  /** Null where there are no images. */
  readonly test: ComparedTest | null;
  readonly history: ComparedHistory;
}

/** An image to which a net gives another class than the first net does. */
export interface ChangedImage {
  /** Its number among the test images, from 0. */
  readonly index: number;
  /** Its file, as found in the folder of the images; null in a data set whose images are not files. */
  readonly file: string | null;
  /** [height, width, channels], red, green and blue. */
  readonly pixels: Uint8Array;
  /** Classes by their numbers: the image's own, then that of each net. */
  readonly truth: number;
  readonly chosen: readonly number[];
}

/** The images that the nets were tested on. */
export interface ComparedImages {
  readonly dataSet: string;
  /** The folder of the images where it is the user's own; null for a data set that is known by its name. */
  readonly folder: string | null;
  readonly count: number;
  readonly classNames: readonly string[];
  readonly height: number;
  readonly width: number;
  /** The first ones that changed their class, and how many did. */
  readonly changed: readonly ChangedImage[];
  readonly changedCount: number;
}

/** Nets side by side, as plain data. */
export interface Comparison {
  /** At least two; the first is what agreement is measured against. */
  readonly nets: readonly ComparedNet[];
  readonly images:
    | ({ readonly kind: "tested" } & ComparedImages)
    | { readonly kind: "none"; readonly why: string };
  /** Images of the batch by which the speed was measured. */
  readonly speedBatch: number;
}
