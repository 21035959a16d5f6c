import { CIFAR } from "../../data/cifar/cifar.js";
import { numberedClasses } from "../../data/class-names.js";
import { type DataSetInfo, IMAGENET, OWN_IMAGES } from "../../data/data-set.js";
import type { Architecture } from "../../models/architecture.js";
import type { Preprocessing } from "../../models/architectures/preprocessing.js";

/** The number of classes of ImageNet's challenge. */
const IMAGENET_CLASSES = 1000;

/** As torchvision's RandomResizedCrop, with which ImageNet's nets are trained. */
const RESIZED_CROP = { minArea: 0.08, maxRatio: 4 / 3 } as const;

type Images = Pick<DataSetInfo, "name" | "augmentation" | "classNames">;

/** The images of nets that see them whole: those of CIFAR, if it has as many classes. */
const cifarOf = (classes: number): Images | undefined =>
  Object.values(CIFAR).find(({ info }) => info.classNames.length === classes)?.info;

const imagesOf = (classes: number, { resizedSide }: Preprocessing): Images => {
  const cifar = resizedSide === null ? cifarOf(classes) : undefined;
  if (cifar) return cifar;
  return {
    name: classes === IMAGENET_CLASSES ? IMAGENET : OWN_IMAGES,
    augmentation: { cropPadding: 0, mirror: true, resizedCrop: RESIZED_CROP },
    classNames: numberedClasses(classes),
  };
};

/**
 * The images for which published weights of an architecture were trained, as far as its definition and the number of
 * classes show; undefined if it has no published weights.
 */
export const publishedDataSetInfo = (
  architecture: Architecture,
  classes: number,
): DataSetInfo | undefined => {
  const preprocessing = architecture.kind === "graph" ? architecture.preprocessing : undefined;
  if (!preprocessing) return undefined;
  const { mean, std, crop, resizedSide, interpolation } = preprocessing;
  const { name, augmentation, classNames } = imagesOf(classes, preprocessing);
  return {
    name,
    channels: 3,
    height: crop,
    width: crop,
    mean,
    std,
    augmentation,
    classNames,
    evaluation: { resizedSide: resizedSide ?? crop, interpolation },
  };
};
