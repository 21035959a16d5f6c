import { shortNumber } from "../short-number.js";
import type { ComparedNet, Comparison } from "./comparison.js";

/** A number by which nets are compared. */
export interface Metric {
  readonly name: string;
  /** A short name, for the head of a column. */
  readonly title: string;
  readonly explained: string;
  readonly better: "larger" | "smaller";
  /** The least lead over the second that makes a number the best: 1.1 is 10 %. Default: any difference. */
  readonly lead?: number;
  /** Null if the net has none: the first net's agreement with itself is not shown. */
  readonly value: (net: ComparedNet, index: number) => number | null;
  readonly text: (value: number) => string;
}

const percent = (value: number): string => `${value.toFixed(2)}%`;

/** Bytes with a prefix of a thousand: 1234567 is 1.23 MB. */
export const bytesText = (bytes: number): string => {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return bytes < 1e3 ? `${bytes} B` : `${size.toPrecision(3)} ${unit}`;
};

const tested = (images: number, first: string): readonly Metric[] => [
  {
    name: "accuracy",
    title: "accuracy",
    explained: `of ${images} test images`,
    better: "larger",
    value: ({ test }) => test?.accuracy ?? null,
    text: percent,
  },
  {
    name: "loss",
    title: "loss",
    explained: "mean cross-entropy on the test images",
    better: "smaller",
    value: ({ test }) => test?.loss ?? null,
    text: (value) => value.toFixed(4),
  },
  {
    name: "agreement",
    title: "agreement",
    explained: `test images for which a net predicts the same class as ${first}`,
    better: "larger",
    value: ({ test }, index) => (index === 0 ? null : (test?.agreement ?? null)),
    text: percent,
  },
];

/** The metrics of detectors; the accuracy is the mean average precision at an overlap of 0.5. */
const testedDetectors = (images: number, first: string): readonly Metric[] => {
  const [accuracy, loss, agreement] = tested(images, first) as [Metric, Metric, Metric];
  return [
    {
      ...accuracy,
      name: "mAP@0.5",
      title: "mAP@0.5",
      explained: `mean average precision at an overlap of 0.5, on ${images} test images`,
    },
    {
      ...accuracy,
      name: "mAP@[0.5:0.95]",
      title: "mAP@[.5:.95]",
      explained: "mean over overlaps of 0.5, 0.55, … 0.95",
      value: ({ test }) => test?.detection?.precisions.mean ?? null,
    },
    { ...loss, explained: "of objects, boxes and classes on the test images" },
    {
      ...agreement,
      explained: `test images in which a net finds the same objects as ${first}, with scores of at least 0.5`,
    },
  ];
};

/** Whether the tested nets are detectors. */
export const areDetectors = ({ nets, images }: Pick<Comparison, "nets" | "images">): boolean =>
  images.kind === "tested" && nets.some(({ test }) => test?.detection !== undefined);

/** The speeds of equal nets differ by several percent between runs. */
const SPEED_LEAD = 1.1;

const untested = (speedBatch: number): readonly Metric[] => [
  {
    name: "parameters",
    title: "params",
    explained: "kernels, biases, gammas and betas",
    better: "smaller",
    value: ({ parameters }) => parameters,
    text: shortNumber,
  },
  {
    name: "MACs",
    title: "MACs",
    explained: "multiplications of the convolutions, each with its addition, for one image",
    better: "smaller",
    value: ({ macs }) => macs,
    text: shortNumber,
  },
  {
    name: "packed size",
    title: "packed",
    explained: "all numbers, with quantized weights packed, without the file's header",
    better: "smaller",
    value: ({ packedBytes }) => packedBytes,
    text: bytesText,
  },
  {
    name: "peak activations",
    title: "peak act.",
    explained: "in use at once during inference on one image, in as few bits as they need",
    better: "smaller",
    value: ({ peakActivationBytes }) => peakActivationBytes,
    text: bytesText,
  },
  {
    name: "images per second",
    title: "images/s",
    explained: `on this machine, in batches of ${speedBatch}, in the file's own form; * only if at least 10% ahead`,
    better: "larger",
    lead: SPEED_LEAD,
    value: ({ imagesPerSecond }) => imagesPerSecond,
    text: (value) => value.toFixed(0),
  },
];

/** The metrics of a comparison; those of accuracy only with images. */
export const metricsOf = ({ images, nets, speedBatch }: Comparison): readonly Metric[] => [
  ...(images.kind === "tested"
    ? (areDetectors({ images, nets }) ? testedDetectors : tested)(
        images.count,
        nets[0]?.label ?? "",
      )
    : []),
  ...untested(speedBatch),
];

/** A formatted number, and whether it is the best. */
export interface MetricCell {
  readonly text: string;
  readonly isBest: boolean;
}

/** Whether the best number leads the second by enough to be marked. */
const leads = (numbers: readonly number[], { better, lead }: Metric): boolean => {
  if (lead === undefined) return true;
  const sign = better === "larger" ? -1 : 1;
  const [best = 1, second = 1] = [...numbers].sort((a, b) => sign * (a - b));
  return better === "larger" ? best > lead * second : second > lead * best;
};

/** The cells of a metric for all nets. The best is marked only if the nets differ, by the metric's lead if it has one. */
export const metricCells = (metric: Metric, nets: readonly ComparedNet[]): MetricCell[] => {
  const { value, better, text } = metric;
  const values = nets.map(value);
  const numbers = values.filter((each) => each !== null);
  const best = better === "larger" ? Math.max(...numbers) : Math.min(...numbers);
  const differs = leads(numbers, metric) && numbers.some((each) => text(each) !== text(best));
  return values.map((each) => ({
    text: each === null ? "–" : text(each),
    isBest: differs && each !== null && text(each) === text(best),
  }));
};
