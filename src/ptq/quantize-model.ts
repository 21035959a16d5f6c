import { usageError } from "../base/errors.js";
import { option } from "../base/option-reference.js";
import { type Graph, type Node, shapesOf, type ValueId, valuesOf } from "../graph/graph.js";
import type { Model } from "../graph/model.js";
import type { AffineActivation } from "../graph/quantizers.js";
import { sizeOf } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";
import type { RunningGraph } from "../models/executor/run-graph.js";
import { placeAffineQuantizers, sharedGrids } from "../passes/place-affine-quantizers.js";
import { type AffineRange, affineGrid } from "../quant/numbers/affine-grid.js";
import { type Tensor4D, tf } from "../tensor/tf.js";
import { equalizeLayers } from "./equalize-layers.js";
import { observeValues } from "./observe-values.js";
import { createObserver, type ObserverKind } from "./observers/observer.js";
import { foldedModel } from "./prepare-model.js";
import { type LayerReport, type LayersOptions, quantizeLayers } from "./quantize-layers.js";

/** Bits of a layer's weights and input; 32 for full precision. */
export interface LayerBits {
  readonly weights: number;
  readonly activations: number;
}

/** How a model is quantized after its training. */
export interface QuantizeModelOptions extends LayersOptions {
  readonly observer: ObserverKind;
  /** Of the percentile observer. */
  readonly percentile: number;
  readonly isSymmetric: boolean;
  readonly weights: { readonly isPerChannel: boolean; readonly isSymmetric: boolean };
  /** Bits of a layer by its name. */
  readonly bitsOf: (layer: string) => LayerBits;
  /** Bits of the images and of what additions, concatenations and mean pools read. */
  readonly joinBits: number;
  readonly equalizes: boolean;
  /** The layers with the least signal to noise that keep full precision. */
  readonly worstInFloat: number;
}

/** What quantizing a model needs from outside. */
export interface QuantizeModelTools {
  /** A running net with the numbers of a model; each of `observed` is the output of a step. */
  readonly run: (model: Model, observed: ReadonlySet<ValueId>) => RunningGraph;
  /** Batches of calibration images [n, h, w, c], as often as they are asked for; whoever takes a batch disposes it. */
  readonly batches: () => AsyncIterable<Tensor4D>;
  readonly onProgress?: (progress: Progress) => void;
}

/** How far quantizing is. */
export type Progress =
  | { readonly kind: "observed"; readonly images: number }
  | { readonly kind: "layer"; readonly done: number; readonly layers: number };

/** A quantized model and how it came about. */
export interface QuantizedModel {
  readonly model: Model;
  readonly layers: readonly LayerReport[];
  /** Values that were 0 for all images. */
  readonly silent: readonly ValueId[];
  readonly calibrationImages: number;
  readonly fittedImages: number;
}

/** Numbers of the largest value of all images to which layers are fitted together. */
const MOST_NUMBERS = 1 << 26;
const MOST_FITTED = 256;

const FLOAT_BITS = 32;

const allValues = ({ inputs, nodes }: Graph): ReadonlySet<ValueId> =>
  new Set([...inputs.map(({ name }) => name), ...nodes.flatMap(valuesOf)]);

/** Images that fit into memory with all that a layer reads and computes for them. */
const fittedImages = (graph: Graph): number => {
  const largest = Math.max(...[...shapesOf(graph).values()].map(sizeOf));
  return Math.max(1, Math.min(MOST_FITTED, Math.floor(MOST_NUMBERS / largest)));
};

/** The graph with the quantizers of its layers, and float ones of activations. */
const placedGraph = (
  graph: Graph,
  options: QuantizeModelOptions,
  inFloat: ReadonlySet<string>,
): Graph => {
  const bitsOf = (name: string): LayerBits =>
    inFloat.has(name) ? { weights: FLOAT_BITS, activations: FLOAT_BITS } : options.bitsOf(name);
  const bits = { joins: options.joinBits, input: (name: string) => bitsOf(name).activations };
  const nodes = graph.nodes.map((node): Node => {
    if (!isWeighted(node)) return node;
    const { weights } = bitsOf(node.name);
    return weights === FLOAT_BITS
      ? node
      : { ...node, quantizer: { kind: "affine", bits: weights, ...options.weights } };
  });
  return placeAffineQuantizers({ ...graph, nodes }, bits, (own) => ({
    kind: "affine",
    bits: own,
    isSymmetric: options.isSymmetric,
    range: { kind: "fixed", scale: 1, zero: 0 },
  }));
};

/** A graph that computes with the weights of its layers as they are. */
const withFloatWeights = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map(
    (node): Node => (isWeighted(node) ? { ...node, quantizer: { kind: "float" } } : node),
  ),
});

/** A graph whose quantizers do nothing. */
const withoutQuantizers = (graph: Graph): Graph => {
  const { nodes, ...rest } = withFloatWeights(graph);
  return {
    ...rest,
    nodes: nodes.map(
      (node): Node => (node.kind === "quantize" ? { ...node, quantizer: { kind: "float" } } : node),
    ),
  };
};

const quantizersOf = (graph: Graph) =>
  graph.nodes.flatMap((node) =>
    node.kind === "quantize" && node.quantizer.kind === "affine"
      ? [{ name: node.name, value: node.inputs[0] as ValueId, quantizer: node.quantizer }]
      : [],
  );

/** A graph whose quantizers cover the ranges of what they read, those that share a grid all of them. */
const withRanges = (graph: Graph, ranges: ReadonlyMap<string, AffineRange>): Graph => {
  const shared = new Map<string, AffineRange>();
  for (const group of sharedGrids(graph)) {
    const own = group.map((name) => ranges.get(name) as AffineRange);
    const range = {
      low: Math.min(...own.map(({ low }) => low)),
      high: Math.max(...own.map(({ high }) => high)),
    };
    for (const name of group) shared.set(name, range);
  }
  const fixed = (quantizer: AffineActivation, range: AffineRange): AffineActivation => ({
    ...quantizer,
    range: { kind: "fixed", ...affineGrid(range, quantizer) },
  });
  const nodes = graph.nodes.map((node): Node => {
    const range = shared.get(node.name);
    return node.kind === "quantize" && node.quantizer.kind === "affine" && range
      ? { ...node, quantizer: fixed(node.quantizer, range) }
      : node;
  });
  return { ...graph, nodes };
};

/** Shows all calibration images to the observers; returns the ranges by quantizer, and the images that layers are fitted to. */
const calibrate = async (
  model: Model,
  graph: Graph,
  options: QuantizeModelOptions,
  { run, batches, onProgress }: QuantizeModelTools,
) => {
  const { observer: kind, percentile } = options;
  const quantizers = quantizersOf(graph);
  const observers = quantizers.map(({ name, value, quantizer }) => ({
    name,
    value,
    observer: createObserver(value, { ...quantizer, kind, percentile }),
  }));
  const byValue = new Map(
    observers.map(({ value }) => {
      const own = observers.filter((each) => each.value === value);
      const observer = {
        add: (range: AffineRange, values: Float32Array) => {
          for (const each of own) each.observer.add(range, values);
        },
        range: () => own[0]?.observer.range() as AffineRange,
      };
      const needsValues = kind !== "minmax" && kind !== "moving-average";
      return [value, { observer, needsValues }] as const;
    }),
  );
  const net = run(
    { graph: withoutQuantizers(graph), weights: model.weights },
    new Set(byValue.keys()),
  );
  const most = fittedImages(graph);
  const kept: Tensor4D[] = [];
  let [images, fitted] = [0, 0];
  try {
    for await (const batch of batches()) {
      observeValues(net, batch, byValue);
      images += batch.shape[0];
      if (fitted < most) {
        const part = tf.slice(batch, 0, Math.min(most - fitted, batch.shape[0])) as Tensor4D;
        kept.push(part);
        fitted += part.shape[0];
      }
      batch.dispose();
      onProgress?.({ kind: "observed", images });
    }
  } finally {
    net.dispose();
  }
  const whole = kept.length > 0 ? (tf.concat(kept, 0) as Tensor4D) : null;
  tf.dispose(kept);
  const ranges = new Map(
    images > 0 ? observers.map(({ name, observer }) => [name, observer.range()]) : [],
  );
  return { ranges, images, whole };
};

const isSilent = ({ low, high }: AffineRange): boolean => low === 0 && high === 0;

/**
 * Quantizes a trained model in full precision to affine weights and activations, without training (post-training quantization,
 * Nagel et al. 2021): folds its norms, equalizes its layers, observes its values on calibration images, and rounds its layers one after the
 * other. The result is a merged model.
 * @throws QpruneError if there are no calibration images, or a value is not finite.
 */
export const quantizeModel = async (
  trained: Model,
  options: QuantizeModelOptions,
  tools: QuantizeModelTools,
): Promise<QuantizedModel> => {
  const folded = foldedModel(trained);
  const model = options.equalizes ? equalizeLayers(folded) : folded;
  const first = placedGraph(model.graph, options, new Set());
  const { ranges, images, whole } = await calibrate(model, first, options, tools);
  if (!whole) {
    throw usageError(
      "There are no calibration images.",
      `Set ${option("data")} to a folder of images.`,
    );
  }
  const quantizeAll = (graph: Graph): ReturnType<typeof quantizeLayers> => {
    const observed = allValues(graph);
    const own = { graph: withRanges(graph, ranges), weights: model.weights };
    const pair = {
      float: tools.run({ ...own, graph: withoutQuantizers(graph) }, observed),
      quantized: tools.run({ ...own, graph: withFloatWeights(own.graph) }, observed),
    };
    const layers = graph.nodes.filter(isWeighted).length;
    try {
      return quantizeLayers(own, pair, whole, options, (done) =>
        tools.onProgress?.({ kind: "layer", done, layers }),
      );
    } finally {
      pair.float.dispose();
      pair.quantized.dispose();
    }
  };
  try {
    let result = quantizeAll(first);
    if (options.worstInFloat > 0) {
      const worst = [...result.layers]
        .sort((a, b) => a.ownDecibels - b.ownDecibels)
        .slice(0, options.worstInFloat)
        .map(({ name }) => name);
      result = quantizeAll(placedGraph(model.graph, options, new Set(worst)));
    }
    const silent = quantizersOf(first)
      .filter(({ name }) => isSilent(ranges.get(name) as AffineRange))
      .map(({ value }) => value);
    return {
      ...result,
      silent: [...new Set(silent)],
      calibrationImages: images,
      fittedImages: whole.shape[0],
    };
  } finally {
    whole.dispose();
  }
};
