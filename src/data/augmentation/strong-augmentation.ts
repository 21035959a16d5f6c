/** The operations of RandAugment per image, and how strong they are. */
export interface RandAugment {
  readonly operations: number;
  /** From 0 to MAX_STRENGTH. */
  readonly strength: number;
}

/** The strength at which every operation changes an image as much as it can. */
export const MAX_STRENGTH = 30;

/** Augmentation of training images beyond crops and mirroring. What is absent is not applied. */
export interface StrongAugmentation {
  readonly randAugment?: RandAugment | undefined;
  /** Side in pixels of the square that is erased (see drawCutout). */
  readonly cutout?: number | undefined;
  /** Probability that a rectangle of an image is erased (see drawErasedRectangle). */
  readonly randomErasing?: number | undefined;
  /** Probability that an image is a mosaic with three others (see drawMosaic); only for images with boxes. */
  readonly mosaic?: number | undefined;
  /** Parameter of the distribution of shares (see drawMixShares). */
  readonly mixup?: number | undefined;
}

/** The size of images [height, width, 3]. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** First key after the seed of each kind of draw; distinct keys keep the kinds of draws independent. */
export const STRONG_STREAM = {
  cutout: 0x6375746f,
  erasing: 0x65726173,
  mixup: 0x6d697875,
  mosaic: 0x6d6f7361,
  randAugment: 0x72616e64,
} as const;
