import type { StrongAugmentation } from "../data/augmentation/strong-augmentation.js";
import type { AugmentationFlags } from "./groups/augmentation-options.js";

/** The augmentation that options ask for; undefined if none does. */
export const resolveAugmentation = ({
  rand_augment: pair,
  cutout,
  random_erasing: randomErasing,
  mosaic,
  mixup,
}: AugmentationFlags): StrongAugmentation | undefined => {
  const randAugment = pair && { operations: pair[0], strength: pair[1] };
  const augmentation = { randAugment, cutout, randomErasing, mosaic, mixup };
  return Object.values(augmentation).every((each) => each === undefined) ? undefined : augmentation;
};
