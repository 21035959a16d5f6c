import { CIFAR } from "../../data/cifar/cifar.js";
import { type DataSetInfo, IMAGENET } from "../../data/data-set.js";

const TITLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.values(CIFAR).map(({ info, title }) => [info.name, title])),
  [IMAGENET]: "ImageNet",
};

/** The notice about a file without a manifest, if no option gives its quantization. */
export const unrecordedTraining = ({
  arch,
  dataSet: { name, height, width, evaluation },
}: {
  readonly arch: string;
  readonly dataSet: DataSetInfo;
}): string => {
  const net = evaluation ? arch : "net";
  const images = TITLES[name] ?? `images of ${width}x${height} pixels`;
  const preparation = evaluation
    ? ", with the mean and standard deviation of its published weights"
    : "";
  return `The file does not record how it was trained: it is treated as a full-precision ${net} on ${images}${preparation}.`;
};
