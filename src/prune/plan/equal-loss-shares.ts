/** How much the loss grows if one layer alone is pruned. */
export interface LossCurve {
  /** Channels of the layer. */
  readonly channels: number;
  /** In ascending order of shares, each above 0. */
  readonly points: readonly { readonly share: number; readonly increase: number }[];
}

/** Added to the increase at share 1, so that shares grow with the loss where the measured curve is flat. */
const LEAST_SLOPE = 1e-6;
const BISECTIONS = 50;

interface Point {
  readonly share: number;
  readonly increase: number;
}

/**
 * The curve from share 0 to 1, which never falls: a greater share that happened to cost less costs what the smaller one
 * did. Beyond the last measured share it grows as between 0 and there.
 */
const risingCurve = ({ points }: LossCurve): Point[] => {
  const rising: Point[] = [{ share: 0, increase: 0 }];
  for (const { share, increase } of points) {
    const before = rising.at(-1) as Point;
    rising.push({ share, increase: Math.max(increase, before.increase) });
  }
  const last = rising.at(-1) as Point;
  if (last.share < 1) rising.push({ share: 1, increase: last.increase / (last.share || 1) });
  return rising.map(({ share, increase }) => ({ share, increase: increase + LEAST_SLOPE * share }));
};

/** The largest share whose increase is at most `most`, linear between the points. */
const shareAt = (curve: readonly Point[], most: number): number => {
  const next = curve.findIndex(({ increase }) => increase > most);
  if (next < 0) return 1;
  const [before, after] = [curve[next - 1], curve[next]] as [Point, Point];
  const part = (most - before.increase) / (after.increase - before.increase);
  return before.share + part * (after.share - before.share);
};

/**
 * Shares for layers such that each, pruned alone, increases the loss by the same amount, and all together lose `percent` of
 * their channels (the use of sensitivity curves in Li et al. 2017, "Pruning Filters for Efficient ConvNets", section 3.2,
 * made automatic). Layers that the loss does not depend on are pruned first.
 * Example: two layers of 8 channels, one of which doubles the increase of the other at every share: for 0.45 of all
 * channels they lose 0.3 and 0.6.
 */
export const equalLossShares = (curves: readonly LossCurve[], percent: number): number[] => {
  const rising = curves.map(risingCurve);
  const total = curves.reduce((sum, { channels }) => sum + channels, 0);
  const sharesAt = (most: number): number[] => rising.map((curve) => shareAt(curve, most));
  const meanAt = (most: number): number =>
    sharesAt(most).reduce(
      (sum, share, index) => sum + share * (curves[index] as LossCurve).channels,
      0,
    ) / total;
  let [low, high] = [0, Math.max(...rising.map((curve) => (curve.at(-1) as Point).increase))];
  if (percent >= 1) return curves.map(() => 1);
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (meanAt(middle) < percent) low = middle;
    else high = middle;
  }
  return sharesAt(percent === 0 ? 0 : high);
};
