/** How published weights expect their images: resized, then cropped in the middle, then normalized. */
export interface Preprocessing {
  /** Means of the channels of images from 0 to 1. */
  readonly mean: readonly [red: number, green: number, blue: number];
  /** Standard deviations of the same. */
  readonly std: readonly [red: number, green: number, blue: number];
  /** Pixels of the shorter side before the crop; null: images keep their size. */
  readonly resizedSide: number | null;
  /** Sides of the square crop in pixels. */
  readonly crop: number;
  readonly interpolation: "bilinear" | "bicubic";
}

/** ImageNet's usual normalization, with which torchvision's first weights of each net were trained. */
export const IMAGENET_PREPROCESSING: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  resizedSide: 256,
  crop: 224,
  interpolation: "bilinear",
};
