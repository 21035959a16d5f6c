import { againstFirst } from "./against-first.js";
import type { ChangedImage, Comparison, DetectedImage } from "./comparison.js";

const withoutPixels = ({ pixels: _, ...image }: ChangedImage | DetectedImage): object => image;

/**
 * A comparison as one JSON object with unrounded numbers. Every net after the first also has its differences from the first.
 * Images are identified by their index among the test images.
 */
export const comparisonJson = ({ nets, images, speedBatch }: Comparison): object => ({
  nets: nets.map((net, index) => ({
    ...net,
    againstFirst: index === 0 ? null : againstFirst(nets[0] ?? net, net),
  })),
  images:
    images.kind === "tested"
      ? {
          ...images,
          changed: images.changed.map(withoutPixels),
          ...(images.detected && { detected: images.detected.map(withoutPixels) }),
        }
      : images,
  speedBatch,
});
