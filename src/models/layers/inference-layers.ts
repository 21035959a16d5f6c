import { QpruneError } from "../../base/errors.js";
import { codedConv2dActivate } from "../../tensor/ops/coded-conv-activate.js";
import type { ConvGeometry } from "../../tensor/ops/conv2d.js";
import { affineActivate, type NormTail } from "../../tensor/ops/norm-activate.js";
import { FLOAT32, type MapStorage } from "../../tensor/storage.js";
import { type Tensor1D, type Tensor4D, tf } from "../../tensor/tf.js";
import type { StateTensor } from "../parameter.js";
import type { Precision } from "../precision.js";
import { convolutionIn } from "./convolve.js";
import type { Layer } from "./layer.js";
import type { LayerStorage } from "./layer-storage.js";

// Layers of nets with folded norms, for inference only.

const inferenceLayer = (infer: Layer["infer"], dispose: () => void): Layer => ({
  parameters: [],
  infer,
  train: () => {
    throw new QpruneError("A merged net cannot be trained.", {
      hint: "Train the net from which it was merged, and merge that again.",
    });
  },
  dispose,
});

export interface FoldedConvOptions {
  readonly kernel: StateTensor;
  /** Null for 0. */
  readonly bias: StateTensor | null;
  readonly filters: number;
  readonly geometry: ConvGeometry;
  /** The levels of the input if input and weights are quantized, for codedConv2d; otherwise null. */
  readonly codeLevels: number | null;
  readonly precision: Precision;
  readonly storage: LayerStorage;
  readonly tail: NormTail;
}

/** Convolution, bias, activation and shuffle in one pass over the outputs. */
export const foldedConvLayer = (options: FoldedConvOptions): Layer => {
  const { kernel, bias, filters, geometry, codeLevels, storage, tail } = options;
  // Sums stay floats until the bias is added.
  const summed: MapStorage = { x: storage.x, y: FLOAT32 };
  const convolution = convolutionIn(options.precision, kernel.value.shape, geometry, summed);
  const [zero, one] = [tf.zeros([filters]) as Tensor1D, tf.ones([filters]) as Tensor1D];
  return inferenceLayer(
    (x) => {
      const y = tf.tidy(() => {
        const affine = { center: zero, scale: one, shift: (bias?.value ?? zero) as Tensor1D };
        const stored: MapStorage = { x: storage.x, y: storage.inferred };
        const [map, weights] = [x as Tensor4D, kernel.value as Tensor4D];
        if (codeLevels !== null)
          return codedConv2dActivate(map, weights, codeLevels, geometry, affine, tail, stored);
        const z = convolution.forward(map, weights, geometry, FLOAT32);
        return affineActivate(z, affine, tail, null, storage.inferred);
      });
      x.dispose();
      return y;
    },
    () => tf.dispose([zero, one]),
  );
};
