import { shortNumber } from "../short-number.js";
import type { ComparedNet, Comparison } from "./comparison.js";

/** A number by which nets are compared. */
export interface Metric {
  readonly name: string;
  /** The name in short, for the head of a column. */
  readonly title: string;
  readonly explained: string;
  readonly better: "larger" | "smaller";
  /** How far a number must be ahead of the second to be called the best: 1.1 is 10 %. Absent: any difference tells. */
  readonly lead?: number;
  /** Null where a net has none: a first net does not agree with itself. */
  readonly value: (net: ComparedNet, at: number) => number | null;
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
    explained: `test images to which a net gives the same class as ${first}`,
    better: "larger",
    value: ({ test }, at) => (at === 0 ? null : (test?.agreement ?? null)),
    text: percent,
  },
];

/** Times of equal nets differ by several percent from run to run. */
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
    explained: "multiplications of the convolutions, each with its addition, one image",
    better: "smaller",
    value: ({ macs }) => macs,
    text: shortNumber,
  },
  {
    name: "packed size",
    title: "packed",
    explained: "all numbers with quantized weights packed, without the file's header",
    better: "smaller",
    value: ({ packedBytes }) => packedBytes,
    text: bytesText,
  },
  {
    name: "peak activations",
    title: "peak act.",
    explained: "live at once in inference on one image, in as many bits as they have",
    better: "smaller",
    value: ({ peakActivationBytes }) => peakActivationBytes,
    text: bytesText,
  },
  {
    name: "images a second",
    title: "images/s",
    explained: `on this machine, by batches of ${speedBatch}, in the form that the file has; * from 10 % ahead on`,
    better: "larger",
    lead: SPEED_LEAD,
    value: ({ imagesPerSecond }) => imagesPerSecond,
    text: (value) => value.toFixed(0),
  },
];

/** What the nets are compared by: with images also how well they do. */
export const metricsOf = ({ images, nets, speedBatch }: Comparison): readonly Metric[] => [
  ...(images.kind === "tested" ? tested(images.count, nets[0]?.label ?? "") : []),
  ...untested(speedBatch),
];

/** A number in its words, and whether no other net has a better one. */
export interface MetricCell {
  readonly text: string;
  readonly isBest: boolean;
}

/** Whether the best number is so far ahead of the second that it may be called the best. */
const leads = (numbers: readonly number[], { better, lead }: Metric): boolean => {
  if (lead === undefined) return true;
  const sign = better === "larger" ? -1 : 1;
  const [best = 1, second = 1] = [...numbers].sort((a, b) => sign * (a - b));
  return better === "larger" ? best > lead * second : second > lead * best;
};

/** A metric of every net; a best one is marked only where the nets differ, by its lead if it has one. */
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
