import { againstFirst } from "./against-first.js";
import type { ChangedImage, Comparison } from "./comparison.js";

const withoutPixels = ({ pixels: _, ...told }: ChangedImage): object => told;

/** Nets side by side as one object with exact numbers, each but the first also beside the first; images by their numbers among the test images. */
export const comparisonJson = ({ nets, images, speedBatch }: Comparison): object => ({
  nets: nets.map((net, at) => ({
    ...net,
    againstFirst: at === 0 ? null : againstFirst(nets[0] ?? net, net),
  })),
  images:
    images.kind === "tested" ? { ...images, changed: images.changed.map(withoutPixels) } : images,
  speedBatch,
});
