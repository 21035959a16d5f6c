/** A number of channels times a factor, rounded to a positive multiple. */
export const scaleChannels = (channels: number, factor: number, multiple = 1): number =>
  Math.max(1, Math.round((channels * factor) / multiple)) * multiple;

const DIVISOR = 8;
/** Rounding may take at most this share of the channels away. */
const LEAST_SHARE = 0.9;

/**
 * A number of channels times a factor, rounded to a multiple of 8, at most 10 % below the exact product (the rule of
 * TensorFlow's MobileNets, which torchvision and EfficientNet share).
 */
export const scaleToEights = (channels: number, factor: number): number => {
  const exact = channels * factor;
  const rounded = Math.max(DIVISOR, Math.floor((exact + DIVISOR / 2) / DIVISOR) * DIVISOR);
  return rounded < LEAST_SHARE * exact ? rounded + DIVISOR : rounded;
};
