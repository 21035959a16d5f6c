import { randomUnit } from "../../base/random.js";
import { type Affine, IDENTITY, resampleAffine } from "./affine.js";
import {
  autoContrast,
  changeBrightness,
  changeContrast,
  changeSaturation,
  changeSharpness,
  equalize,
  posterize,
  solarize,
} from "./color.js";
import {
  type ImageSize,
  MAX_STRENGTH,
  type RandAugment,
  STRONG_STREAM,
} from "./strong-augmentation.js";

/** What an operation is applied with. */
interface Application {
  readonly size: ImageSize;
  /** From 0 to 1. */
  readonly strength: number;
  /** 1 or -1, drawn with equal probability. */
  readonly sign: number;
}

type Operation = (pixels: Float32Array, how: Application) => Float32Array;

/** The largest shear, share of the width of a shift, turn in degrees, and change of a color factor. */
const MAX_SHEAR = 0.3;
const MAX_SHIFT = 150 / 331;
const MAX_TURN = 30;
const MAX_FACTOR = 0.9;
const POSTERIZED_BITS = 4;

const moved =
  (affineOf: (amount: number, size: ImageSize) => Partial<Affine>): Operation =>
  (pixels, { size, strength, sign }) =>
    resampleAffine(pixels, size, { ...IDENTITY, ...affineOf(sign * strength, size) });

const factor = ({ strength, sign }: Application): number => 1 + sign * MAX_FACTOR * strength;

const turned = (degrees: number): Partial<Affine> => {
  const angle = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return { xx: cos, xy: sin, yx: -sin, yy: cos };
};

/** The operations of RandAugment, by the names of the paper. */
export const RAND_AUGMENT_OPERATIONS = {
  identity: (pixels) => pixels,
  shearX: moved((amount) => ({ xy: MAX_SHEAR * amount })),
  shearY: moved((amount) => ({ yx: MAX_SHEAR * amount })),
  translateX: moved((amount, { width }) => ({ x0: Math.trunc(MAX_SHIFT * amount * width) })),
  translateY: moved((amount, { height }) => ({ y0: Math.trunc(MAX_SHIFT * amount * height) })),
  rotate: moved((amount) => turned(MAX_TURN * amount)),
  brightness: (pixels, how) => changeBrightness(pixels, factor(how)),
  color: (pixels, how) => changeSaturation(pixels, factor(how)),
  contrast: (pixels, how) => changeContrast(pixels, factor(how)),
  sharpness: (pixels, how) => changeSharpness(pixels, how.size, factor(how)),
  posterize: (pixels, { strength }) =>
    posterize(pixels, 8 - Math.round((8 - POSTERIZED_BITS) * strength)),
  solarize: (pixels, { strength }) => solarize(pixels, 256 * (1 - strength)),
  autoContrast: (pixels) => autoContrast(pixels),
  equalize: (pixels) => equalize(pixels),
} as const satisfies Record<string, Operation>;

const OPERATIONS: readonly Operation[] = Object.values(RAND_AUGMENT_OPERATIONS);

/**
 * Applies randomly drawn operations on color and geometry one after the other, all with the same strength (Cubuk et al.
 * 2020, "RandAugment", with the operations and ranges of torchvision; geometry is bilinear and fills with black). Returns
 * new pixels.
 *
 * @param pixels [height, width, 3], from 0 to 255
 */
export const randAugment = (
  pixels: Float32Array,
  size: ImageSize,
  { operations, strength }: RandAugment,
  ...keys: readonly [seed: number, epoch: number, sample: number]
): Float32Array => {
  const [seed, epoch, sample] = keys;
  let augmented = pixels;
  for (let draw = 0; draw < operations; draw++) {
    const unit = (what: number): number =>
      randomUnit(seed, STRONG_STREAM.randAugment, epoch, sample, draw, what);
    const operation = OPERATIONS[Math.floor(unit(0) * OPERATIONS.length)] as Operation;
    const sign = unit(1) < 0.5 ? -1 : 1;
    augmented = operation(augmented, { size, strength: strength / MAX_STRENGTH, sign });
  }
  return augmented;
};
