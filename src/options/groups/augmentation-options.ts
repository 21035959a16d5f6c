import { z } from "zod";
import { MAX_STRENGTH } from "../../data/augmentation/strong-augmentation.js";
import { flag } from "../flag.js";
import { positiveNumber, positiveShare, wholeNumber } from "../values/numbers.js";

const GROUP = "Augmentation";
const MAX_OPERATIONS = 10;
const DEFAULT_STRENGTH = 9;

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

const isPair = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) &&
  value.length === 2 &&
  isWhole(value[0], 1, MAX_OPERATIONS) &&
  isWhole(value[1], 0, MAX_STRENGTH);

/** `2` or `2,9` as a list of two numbers. */
const toPair = (raw: unknown): unknown => {
  const numbers = typeof raw === "string" ? raw.split(",").map(Number) : raw;
  if (typeof numbers === "number") return [numbers, DEFAULT_STRENGTH];
  return Array.isArray(numbers) && numbers.length === 1 ? [numbers[0], DEFAULT_STRENGTH] : numbers;
};

/** The number of operations and their strength: `2,9`, or `2` with the default strength. */
const operationsAndStrength = () =>
  z.preprocess(
    toPair,
    z.custom<readonly [operations: number, strength: number]>(isPair, {
      error: `expected the number of operations (1 to ${MAX_OPERATIONS}) and their strength (0 to ${MAX_STRENGTH}), as in 2,9`,
    }),
  );

/** Augmentation of training images beyond crops and mirroring. The reference scripts have none. */
export const augmentationOptions = {
  rand_augment: flag(operationsAndStrength().optional(), {
    flag: "--rand-augment <n,strength>",
    effect: "result",
    description: `apply n random operations on color and geometry to each training image, with a strength from 0 to ${MAX_STRENGTH}, as in 2,9`,
    group: GROUP,
  }),
  cutout: flag(wholeNumber(1).optional(), {
    flag: "--cutout <pixels>",
    effect: "result",
    description: "erase a square of this side, anywhere in each training image",
    group: GROUP,
  }),
  random_erasing: flag(positiveShare().optional(), {
    flag: "--random-erasing <probability>",
    effect: "result",
    description: "erase a rectangle of 2% to 33% of a training image with this probability",
    group: GROUP,
  }),
  mosaic: flag(positiveShare().optional(), {
    flag: "--mosaic <probability>",
    effect: "result",
    description:
      "for detectors: make a training image of four parts of images with this probability",
    group: GROUP,
  }),
  mixup: flag(positiveNumber().optional(), {
    flag: "--mixup <alpha>",
    effect: "result",
    description:
      "mix each training image and its label with another one, in proportions drawn from Beta(alpha, alpha), as in 0.2",
    group: GROUP,
  }),
};

/** Parsed {@link augmentationOptions}. */
export type AugmentationFlags = z.output<z.ZodObject<typeof augmentationOptions>>;
