import type { ImageSet } from "./data-set.js";

/** The indices of `some` of `count` images, evenly spaced; of all if there are no more. */
export const spacedIndices = (count: number, some: number): Uint32Array =>
  Uint32Array.from({ length: Math.min(count, some) }, (_, index) =>
    count <= some ? index : Math.floor((index * count) / some),
  );

/** Selects images of a set, in the given order; the pixels are shared, not copied. */
export const subset = (set: ImageSet, samples: Uint32Array): ImageSet => ({
  images: set.images,
  file: set.file,
  labels: Int32Array.from(samples, (sample) => set.labels[sample] as number),
  count: samples.length,
  places: set.places ? samples.map((sample) => set.places?.[sample] as number) : samples,
  paths: set.paths && Array.from(samples, (sample) => set.paths?.[sample] as string),
  boxes: set.boxes && Array.from(samples, (sample) => set.boxes?.[sample] ?? []),
  storedSide: set.storedSide,
  squeezed: set.squeezed && {
    side: set.squeezed.side,
    ratios: Float32Array.from(samples, (sample) => set.squeezed?.ratios[sample] as number),
  },
});
