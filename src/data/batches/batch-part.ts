import { mixPartner } from "../augmentation/mixup.js";

/** One of several equal shares of a loader's images. */
export interface LoaderShare {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** What a part is of its batch. The parts that all shares get have weights whose sum is 1. */
export interface BatchPart {
  /** Images of the whole batch. */
  readonly of: number;
  /** The weight of the part's mean in the mean over the whole batch. */
  readonly weight: number;
}

export interface BatchSamples {
  /** Indices of images. */
  readonly samples: Uint32Array;
  readonly part?: BatchPart | undefined;
}

/** The only share. */
export const ALL: LoaderShare = { index: 0, count: 1 };

/** The bounds of a share of `length` things in order. */
const boundsOf = (length: number, { index, count }: LoaderShare): [number, number] => [
  Math.floor((index * length) / count),
  Math.floor(((index + 1) * length) / count),
];

/**
 * The part of a batch that a share gets: consecutive images, or with mixup consecutive pairs of partners, so that every image
 * is mixed with the same one as in the whole batch. Parts differ by at most one image or pair. If there are fewer images or
 * pairs than shares, each share gets the whole batch with an equal weight.
 * Example: of 5 images, 2 shares get the first 2 with weight 0.4 and the last 3 with weight 0.6.
 */
export const partOf = (whole: Uint32Array, share: LoaderShare, isMixed: boolean): BatchSamples => {
  if (share.count === 1) return { samples: whole };
  const of = whole.length;
  const units = isMixed ? Math.ceil(of / 2) : of;
  if (units < share.count) return { samples: whole, part: { of, weight: 1 / share.count } };
  const [from, to] = boundsOf(units, share);
  const samples = isMixed ? pairs(whole, from, to) : whole.slice(from, to);
  return { samples, part: { of, weight: samples.length / of } };
};

/** Pairs of partners of a batch, in an order in which they are partners too; an image in the middle is its own. */
const pairs = (whole: Uint32Array, from: number, to: number): Uint32Array => {
  const places = Array.from({ length: to - from }, (_, at) => from + at);
  const partners = places.map((place) => mixPartner(place, whole.length)).reverse();
  const own = partners[0] === places.at(-1) ? partners.slice(1) : partners;
  return Uint32Array.from([...places, ...own], (place) => whole[place] as number);
};
