import { uniformImages } from "../../bnmerge/compare-nets.js";
import { runningNet } from "../../checkpoint/running-net.js";
import { modelCodes, modelState } from "../../checkpoint/tensors/model-state.js";
import type { Model } from "../../graph/model.js";
import type { Net } from "../../models/net.js";
import { specOfModel } from "../../models/net-spec.js";
import { pruneWeights } from "../../prune/apply/prune-weights.js";
import type { KeptChannels } from "../../prune/plan/plan.js";
import type { Tensor4D } from "../../tensor/tf.js";
import type { ReadNet } from "./read-net.js";

/** Pairs of runs, after those that warm up. */
const PAIRS = 15;
const WARM_UPS = 3;
/** A run of a net repeats batches for at least this long, which is far above the resolution of the clock. */
const LEAST_MS = 4;
const SEED = 1;

/** Measures how much of the time of a net is left if channels are pruned. */
export interface LatencyMeter {
  /** Milliseconds of the whole net for one batch. */
  readonly wholeMs: number;
  /** Images per batch. */
  readonly batch: number;
  /** The share of the time of the whole net, each time measured again. */
  readonly shareOf: (channels: KeptChannels) => number;
  readonly dispose: () => void;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** Milliseconds per batch over some repetitions. */
const timeOf = (net: Net, images: Tensor4D, repeats: number, now: () => number): number => {
  const start = now();
  for (let count = 0; count < repeats; count++) {
    const logits = net.infer(images);
    logits.dataSync();
    logits.dispose();
  }
  return (now() - start) / repeats;
};

/**
 * The median of the ratios of neighboring runs of two nets, and the median time of the first. Other work on the machine
 * slows down both runs of most pairs, so that it hardly changes the ratio.
 */
const compareTimes = (
  [whole, small]: readonly [Net, Net],
  images: Tensor4D,
  now: () => number,
): { readonly ratio: number; readonly wholeMs: number } => {
  for (const net of [whole, small]) timeOf(net, images, WARM_UPS, now);
  const repeats = Math.max(1, Math.ceil(LEAST_MS / timeOf(small, images, 1, now)));
  const pairs = Array.from({ length: PAIRS }, (_, index) => {
    // Each net is first in half of the pairs.
    const isFirst = index % 2 === 0;
    const early = timeOf(isFirst ? whole : small, images, repeats, now);
    const late = timeOf(isFirst ? small : whole, images, repeats, now);
    return isFirst ? { large: early, small: late } : { large: late, small: early };
  });
  return {
    ratio: median(pairs.map((pair) => pair.small / pair.large)),
    wholeMs: median(pairs.map(({ large }) => large)),
  };
};

const netOf = ({ spec, checkpoint }: ReadNet, model: Model): Net => {
  const { path, manifest } = checkpoint;
  const own = specOfModel(spec, model, spec.form);
  const ternaryCodes = modelCodes(model);
  return runningNet(own, {
    path,
    state: modelState(model),
    manifest: manifest && { ...manifest, spec: own, ternaryCodes },
  });
};

/** A meter for a net on this machine; the engine must be running. The caller disposes it. */
export const createLatencyMeter = (
  read: ReadNet,
  batch: number,
  now: () => number,
): LatencyMeter => {
  const whole = netOf(read, read.model);
  const images = uniformImages(whole.spec.input, batch, SEED);
  const { wholeMs } = compareTimes([whole, whole], images, now);
  return {
    wholeMs,
    batch,
    shareOf: (channels) => {
      if (channels.size === 0) return 1;
      const small = netOf(read, pruneWeights(read.model, channels));
      try {
        return compareTimes([whole, small], images, now).ratio;
      } finally {
        small.dispose();
      }
    },
    dispose: () => {
      whole.dispose();
      images.dispose();
    },
  };
};
