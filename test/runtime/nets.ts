import { readModel } from "../../src/checkpoint/read-model.js";
import { netState } from "../../src/checkpoint/tensors/net-state.js";
import type { Model } from "../../src/graph/model.js";
import type { Quantization } from "../../src/graph/quantizers.js";
import { buildNet } from "../../src/models/build-net.js";
import { graphOf } from "../../src/models/net-spec.js";
import {
  type ArchitectureSpecOptions,
  architectureSpec,
} from "../../src/passes/architecture-spec.js";
import { bakeWeights } from "../../src/passes/bake-weights.js";
import { type Tensor4D, tf } from "../../src/tensor/tf.js";
import { randomTensor } from "../random-tensor.js";

const CLASSES = 10;
const CALIBRATION_IMAGES = 8;

/** A quantized net with what the training engine computes with it. */
export interface EvaluatedNet {
  readonly model: Model;
  /** [images, height, width, 3] */
  readonly images: Float32Array;
  /** [images, classes] */
  readonly logits: Float32Array;
}

export interface NetOptions extends Pick<ArchitectureSpecOptions, "arch" | "width" | "placement"> {
  readonly quantization: Quantization;
  readonly side: number;
  readonly images: number;
}

/**
 * A net with random kernels, whose norms have the statistics of random images, and its logits in the engine that is loaded.
 */
export const evaluatedNet = (options: NetOptions): EvaluatedNet => {
  const { side, images: count } = options;
  const input = { channels: 3, height: side, width: side };
  const spec = architectureSpec({ ...options, classes: CLASSES, input });
  const net = buildNet(spec, { seed: 11, gammaStart: "uniform" });
  const calibration = randomTensor([CALIBRATION_IMAGES, side, side, 3], 3) as Tensor4D;
  net.applyConstraints();
  net.recalibrate(calibration, 0.9);
  const images = randomTensor([count, side, side, 3], 4) as Tensor4D;
  const logits = net.infer(images);
  const state = netState(net);
  const evaluated = {
    model: bakeWeights(
      readModel(
        { state, path: "a test", manifest: undefined, quantized: undefined },
        graphOf(spec),
      ),
    ),
    images: images.dataSync() as Float32Array,
    logits: logits.dataSync() as Float32Array,
  };
  tf.dispose([calibration, images, logits]);
  net.dispose();
  return evaluated;
};
