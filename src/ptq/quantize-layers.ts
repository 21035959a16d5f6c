import type { Graph, ValueId } from "../graph/graph.js";
import type { Model, WeightValue } from "../graph/model.js";
import { nodesByName } from "../graph/producers.js";
import type { WeightedNode } from "../graph/stored-form.js";
import { isWeighted } from "../graph/stored-form.js";
import type { RunningGraph } from "../models/executor/run-graph.js";
import type { PausedStep } from "../models/executor/run-steps.js";
import { replaceValue, type StateTensor } from "../models/parameter.js";
import { quantizersBefore } from "../passes/place-affine-quantizers.js";
import type { AffineGrid } from "../quant/numbers/affine-grid.js";
import { type GridKernel, kernelValues } from "../quant/numbers/grid-kernel.js";
import { quantizedTensor, weightNumbers } from "../quant/numbers/quantized-tensor.js";
import { type Tensor, type Tensor4D, tf } from "../tensor/tf.js";
import { layerWindows } from "./layers/layer-samples.js";
import {
  type LayerOptions,
  needsInputs,
  noiseWindows,
  ownNoise,
  quantizeLayer,
} from "./layers/quantize-layer.js";

/** The two nets that run side by side, with the same steps: one step per node. */
export interface NetPair {
  readonly float: RunningGraph;
  /** With quantizers of activations; its kernels are replaced layer by layer. */
  readonly quantized: RunningGraph;
}

export interface LayersOptions extends LayerOptions {
  /** Whether the mean error of each filter goes into its bias. */
  readonly correctsBias: boolean;
  readonly seed: number;
}

/** What quantizing did to a layer. */
export interface LayerReport {
  readonly name: string;
  /** 32 for a layer in floats. */
  readonly weightBits: number;
  readonly inputBits: number;
  /** Signal to noise in decibels of the layer's own quantization (see ownNoise); infinite for a layer in floats. */
  readonly ownDecibels: number;
  /** The same with the noise of all layers before it. */
  readonly decibels: number;
}

export interface QuantizedLayers {
  readonly model: Model;
  readonly layers: readonly LayerReport[];
}

const decibels = (signal: number, noise: number): number =>
  noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);

/** The grid of a layer's input; null if it reads floats. */
const inputGridOf = (
  graph: Graph,
  node: WeightedNode,
): { readonly grid: AffineGrid; readonly bits: number } | null => {
  const [quantize] = quantizersBefore(graph, node.inputs[0] as ValueId);
  const quantizer = quantize?.quantizer;
  if (quantizer?.kind !== "affine" || quantizer.range.kind !== "fixed") return null;
  return { grid: quantizer.range, bits: quantizer.bits };
};

/** A kernel in PyTorch's order as a tensor of the engine: [kh, kw, in, out], or [in, out]. */
const engineKernel = (values: Float32Array, shape: readonly number[]): Tensor =>
  tf.tidy(() =>
    shape.length === 2
      ? tf.transpose(tf.tensor2d(values, shape as [number, number]))
      : tf.transpose(tf.tensor4d(values, shape as [number, number, number, number]), [2, 3, 1, 0]),
  );

const perChannelMean = (x: Tensor): Tensor =>
  tf.mean(
    x,
    x.shape.slice(0, -1).map((_, axis) => axis),
  );

/** A sum of this size and its bias fit into int32. */
const LARGEST_BIAS = 2 ** 29;

/** Rounds a bias to the grid of the integers that sums have: input scale times weight scale. */
const onSumGrid = (bias: Float32Array, kernel: GridKernel, input: AffineGrid): Float32Array =>
  bias.map((value, filter) => {
    const step = input.scale * (kernel.scale[filter] as number);
    return Math.round(value / step) * step;
  });

/** A layer whose step both nets are about to run. */
interface Current {
  readonly node: WeightedNode;
  readonly kernel: GridKernel | null;
  readonly own: number;
}

/**
 * Quantizes the layers of a model one after the other while both nets run on the same images, so that each layer is fitted to
 * what it reads from the quantized ones before it, and to what it should compute (AdaRound's asymmetric
 * reconstruction; empirical bias correction, Nagel et al. 2019, section 4.2 and appendix D).
 *
 * @param model the graph with fixed quantizers of activations, with float kernels and biases
 * @param images [n, h, w, c], which the caller keeps
 */
export const quantizeLayers = (
  model: Model,
  { float, quantized }: NetPair,
  images: Tensor4D,
  options: LayersOptions,
  onLayer: (done: number) => void = () => {},
): QuantizedLayers => {
  const { graph } = model;
  const byName = nodesByName(graph);
  const weights = new Map(model.weights);
  const layers: LayerReport[] = [];
  const stateOf = (name: string): StateTensor =>
    quantized.state.find((state) => state.name === name) as StateTensor;

  const prepare = (node: WeightedNode, x: Tensor, own: Tensor): Current => {
    if (node.quantizer.kind !== "affine")
      return { node, kernel: null, own: Number.POSITIVE_INFINITY };
    const name = `${node.name}.weight`;
    const { shape } = weights.get(name) as WeightValue;
    const values = weightNumbers(weights.get(name) as WeightValue);
    const { seed } = options;
    const isFitted = needsInputs(options);
    const windows = (of: Tensor) =>
      layerWindows(node, of, {
        seed,
        ...(!isFitted && { most: noiseWindows }),
      });
    const read = windows(x);
    const inputs = isFitted ? { float: read, quantized: windows(own) } : null;
    const filters = shape[0] as number;
    const bias = weightNumbers(weights.get(`${node.name}.bias`) as WeightValue);
    const inputScale = inputGridOf(graph, node)?.grid.scale;
    const leastScales = bias.map((value) =>
      inputScale === undefined ? 0 : Math.abs(value) / (inputScale * LARGEST_BIAS),
    );
    const settings = { ...options, leastScales };
    const kernel = quantizeLayer(values, filters, node.quantizer, settings, inputs);
    replaceValue(stateOf(name), engineKernel(kernelValues(kernel), shape));
    weights.set(name, quantizedTensor(shape, kernel));
    const { signal, noise } = ownNoise(values, kernel, read, inputGridOf(graph, node));
    return { node, kernel, own: decibels(signal, noise) };
  };

  /** Puts the mean error of each filter into its bias, and returns the outputs with it. */
  const correct = ({ node, kernel }: Current, y: Tensor, own: Tensor): Tensor => {
    const name = `${node.name}.bias`;
    const state = stateOf(name);
    const input = inputGridOf(graph, node);
    const before = state.value.dataSync() as Float32Array;
    const shift = tf.tidy(() => tf.sub(perChannelMean(y), perChannelMean(own)));
    const moved = options.correctsBias
      ? before.map((value, filter) => value + (shift.dataSync()[filter] as number))
      : before;
    shift.dispose();
    const bias = kernel && input ? onSumGrid(moved, kernel, input.grid) : moved;
    weights.set(name, { kind: "float", shape: [bias.length], values: bias });
    const change = tf.tensor1d(bias.map((value, filter) => value - (before[filter] as number)));
    replaceValue(state, tf.tensor1d(bias));
    const corrected = tf.add(own, change);
    tf.dispose([change, own]);
    return corrected;
  };

  const report = ({ node, own }: Current, y: Tensor, actual: Tensor): void => {
    const [signal, noise] = tf.tidy(() => [
      tf.sum(tf.square(y)).dataSync()[0] as number,
      tf.sum(tf.squaredDifference(y, actual)).dataSync()[0] as number,
    ]) as unknown as [number, number];
    layers.push({
      name: node.name,
      weightBits: node.quantizer.kind === "affine" ? node.quantizer.bits : 32,
      inputBits: inputGridOf(graph, node)?.bits ?? 32,
      ownDecibels: own,
      decibels: decibels(signal, noise),
    });
    onLayer(layers.length);
  };

  const runs = [float.inferStepwise(images), quantized.inferStepwise(images)] as const;
  let current: Current | null = null;
  for (;;) {
    const [one, other] = [runs[0].next(), runs[1].next()];
    if (one.done || other.done) {
      if (one.done) one.value.dispose();
      if (other.done) other.value.dispose();
      return { model: { graph, weights }, layers };
    }
    const steps: readonly [PausedStep, PausedStep] = [one.value, other.value];
    const node = byName.get(steps[0].outputs[0] ?? "");
    if (!node || !isWeighted(node)) continue;
    const [ys, own] = [steps[0].ys, steps[1].ys];
    if (!ys || !own) {
      current = prepare(node, steps[0].xs[0] as Tensor, steps[1].xs[0] as Tensor);
      continue;
    }
    if (!current) throw new Error("A step computes after it has read.");
    const y = ys[0] as Tensor;
    if (current.kernel) own[0] = correct(current, y, own[0] as Tensor);
    report(current, y, own[0] as Tensor);
  }
};
