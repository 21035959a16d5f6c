import type { AccuracyAgainstFirst } from "./against-first.js";

/** A difference of accuracy: "+1.25 points". It has a true minus sign, and no sign if there is no difference. */
export const pointsText = (points: number): string => {
  const size = Math.abs(points).toFixed(2);
  if (Number(size) === 0) return "0.00 points";
  return `${points < 0 ? "−" : "+"}${size} points`;
};

/** Whether a difference of accuracy may be due to chance, in words. */
export const chanceText = (
  { isWithinChance, becameRight, becameWrong }: AccuracyAgainstFirst,
  images: number,
): string => {
  if (becameRight + becameWrong === 0) return "the same images correct";
  return `${isWithinChance ? "not significant" : "significant"} on ${images} test images`;
};

/** A ratio in words: "14.9 times smaller". Ratios that are 1 in three digits are "the same". */
export const ratioText = (ratio: number): string => {
  const times = (ratio < 1 ? 1 / ratio : ratio).toPrecision(3);
  if (Number(times) === 1) return "the same";
  return `${Number(times)} times ${ratio < 1 ? "larger" : "smaller"}`;
};
