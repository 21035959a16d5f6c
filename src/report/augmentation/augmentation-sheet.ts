/** An image as a net sees it in one epoch. */
export interface DrawnImage {
  /** [height, width, 3] */
  readonly pixels: Uint8Array;
  /** What it is trained toward, in words. */
  readonly label: string;
}

/** A training image, with what a net sees in some epochs. */
export interface AugmentedImage {
  readonly name: string;
  readonly plain: DrawnImage;
  readonly drawn: readonly DrawnImage[];
}

/** Training images before and after augmentation. */
export interface AugmentationSheet {
  readonly dataSet: string;
  readonly height: number;
  readonly width: number;
  /** The options of the augmentation, in words. */
  readonly augmentation: readonly string[];
  readonly images: readonly AugmentedImage[];
}
