import { applyState, netState } from "../../src/checkpoint/tensors/net-state.js";
import { readNetWeights, weightsState } from "../../src/checkpoint/tensors/net-weights.js";
import { buildNet } from "../../src/models/build-net.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import { type Tensor4D, tf } from "../../src/tensor/tf.js";
import { randomWeights } from "../models/random-weights.js";
import { randomTensor } from "../random-tensor.js";

const IMAGES = 8;

/**
 * Random weights whose norms have the statistics of their inputs, so that no layer is zero or saturated. Needs an
 * engine.
 */
export const calibratedWeights = (spec: ChainSpec, seed: number): NetWeights => {
  const norm = { ...spec.norm, newStatWeight: 1, blockNewStatWeight: 1 };
  const net = buildNet({ ...spec, norm }, { seed, gammaStart: "ones" });
  applyState(net, weightsState(spec, randomWeights(spec, seed)), "random weights");
  const { height, width } = spec.input;
  const images = randomTensor([IMAGES, height, width, 3], seed) as Tensor4D;
  const { logits, backward } = net.train(images);
  const nothing = tf.zerosLike(logits) as tf.Tensor2D;
  backward(nothing);
  tf.dispose([images, logits, nothing]);
  const state = netState(net);
  net.dispose();
  return readNetWeights({ state, path: "random weights", manifest: undefined }, spec);
};
