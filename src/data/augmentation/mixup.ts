import { symmetricBeta } from "./beta-draw.js";
import { STRONG_STREAM } from "./strong-augmentation.js";

/** The place in a batch of the image that one is mixed with: batches are shuffled, so the reversed batch pairs at random. */
export const mixPartner = (place: number, count: number): number => count - 1 - place;

/**
 * The share of each image of a batch in its mixture with its partner: max(s, 1 - s) with s from Beta(alpha, alpha), so that
 * its own label has the larger part (Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", eq. 1, with a draw per
 * image).
 */
export const drawMixShares = (
  alpha: number,
  seed: number,
  epoch: number,
  samples: Uint32Array,
): Float32Array =>
  Float32Array.from(samples, (sample) => {
    const share = symmetricBeta(alpha, seed, STRONG_STREAM.mixup, epoch, sample);
    return Math.max(share, 1 - share);
  });

/** Mixes every image of a batch with its partner: share · image + (1 - share) · partner. `images` are [count, …]. */
export const mixImages = (images: Float32Array, shares: Float32Array): void => {
  const count = shares.length;
  const size = images.length / count;
  for (let place = 0; 2 * place < count - 1; place++) {
    const partner = mixPartner(place, count);
    const [own, others] = [shares[place] as number, shares[partner] as number];
    const [first, second] = [place * size, partner * size];
    for (let at = 0; at < size; at++) {
      const [a, b] = [images[first + at] as number, images[second + at] as number];
      images[first + at] = own * a + (1 - own) * b;
      images[second + at] = others * b + (1 - others) * a;
    }
  }
};
