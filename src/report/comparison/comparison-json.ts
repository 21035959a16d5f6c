import type { ChangedImage, Comparison } from "./comparison.js";

const withoutPixels = ({ pixels: _, ...told }: ChangedImage): object => told;

/** Nets side by side as one object with exact numbers; images by their numbers among the test images. */
export const comparisonJson = ({ nets, images, speedBatch }: Comparison): object => ({
  nets,
  images:
    images.kind === "tested" ? { ...images, changed: images.changed.map(withoutPixels) } : images,
  speedBatch,
});
