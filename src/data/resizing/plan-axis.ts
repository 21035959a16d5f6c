/** How the values between pixels are found; the names that torchvision uses. */
export const interpolations = ["bilinear", "bicubic"] as const;
export type Interpolation = (typeof interpolations)[number];

/** The shares of source pixels in an output pixel, by their distance from its center in output pixels. */
interface Filter {
  /** The largest distance of a pixel that counts. */
  readonly support: number;
  readonly shareAt: (distance: number) => number;
}

/** Pillow's parameter of the cubic (Keys 1981, doi 10.1109/TASSP.1981.1163711). */
const A = -0.5;

/** A piecewise cubic that is 1 at 0 and 0 at all other whole numbers. */
const cubic = (distance: number): number => {
  const x = Math.abs(distance);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
};

const FILTERS: Readonly<Record<Interpolation, Filter>> = {
  bilinear: { support: 1, shareAt: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, shareAt: cubic },
};

/**
 * Binary digits of a share after the point. A byte times a share then fits into 32 bits with two bits to spare, for the
 * sums of the cubic, which overshoot.
 */
export const SHARE_BITS = 22;

/** Which source pixels each of `count` output pixels along one axis consists of. */
export interface Axis {
  readonly count: number;
  /** The source pixels that are used at all: from `start`, before `end`. */
  readonly start: number;
  readonly end: number;
  /** [count] the first source pixel of each output pixel, and their number. */
  readonly first: Int32Array;
  readonly taps: Int32Array;
  /** [count, stride] their shares, which sum to 1 with SHARE_BITS digits. */
  readonly shares: Int32Array;
  readonly stride: number;
}

/** Rounds a share to its fixed-point form, half away from 0. */
const toFixedPoint = (share: number): number =>
  Math.trunc(share * 2 ** SHARE_BITS + (share < 0 ? -0.5 : 0.5));

/** A cubic has a single tap where it meets a pixel, so the first output pixel need not use the first source pixel. */
const usedPart = (first: Int32Array, taps: Int32Array): Pick<Axis, "start" | "end"> => ({
  start: first.reduce((least, from) => Math.min(least, from)),
  end: first.reduce((most, from, index) => Math.max(most, from + (taps[index] as number)), 0),
});

/**
 * Plans resizing from `from` to `to` pixels, of which the output pixels from `offset` on are computed. If the axis
 * shrinks, the filter widens by the same factor (antialiasing).
 */
export const planAxis = (
  from: number,
  to: number,
  interpolation: Interpolation,
  offset: number,
  count: number,
): Axis => {
  const { support, shareAt } = FILTERS[interpolation];
  const scale = from / to;
  const spread = Math.max(scale, 1);
  const reach = support * spread;
  const stride = Math.ceil(reach) * 2 + 1;
  const [first, taps] = [new Int32Array(count), new Int32Array(count)];
  const shares = new Int32Array(count * stride);
  for (let index = 0; index < count; index++) {
    const center = (offset + index + 0.5) * scale;
    const start = Math.max(Math.trunc(center - reach + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach + 0.5), from);
    const exact = Array.from({ length: end - start }, (_, tap) =>
      shareAt((tap + start - center + 0.5) * (1 / spread)),
    );
    const sum = exact.reduce((total, share) => total + share, 0);
    const all = exact.map((share) => toFixedPoint(share / sum));
    // Pixels at the rim of the filter often have no share.
    const skipped = all.findIndex((share) => share !== 0);
    const own = all.slice(skipped, all.findLastIndex((share) => share !== 0) + 1);
    shares.set(own, index * stride);
    first[index] = start + skipped;
    taps[index] = own.length;
  }
  return { count, ...usedPart(first, taps), first, taps, shares, stride };
};
