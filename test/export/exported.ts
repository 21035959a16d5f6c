import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import { applyState, type StateDict } from "../../src/checkpoint/tensors/net-state.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import type { ExportNet } from "../../src/export/export-net.js";
import { buildNet } from "../../src/models/build-net.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import type { NetWeights } from "../../src/models/chains/conv-weights.js";
import { tf } from "../../src/tensor/tf.js";
import { bakedChain, mergedChain } from "../models/chain-model.js";

const about = { dataSet: DIGITS_INFO, accuracy: 12.5, epoch: 1 };

type ExportedChain = ExportNet & { readonly spec: ChainSpec };

/** A trainable net, quantized for exporting. Needs an engine. */
export const bakedNet = (spec: ChainSpec, weights: NetWeights): ExportedChain => ({
  ...about,
  ...bakedChain(spec, weights),
});

export const mergedNet = (spec: ChainSpec, weights: NetWeights): ExportedChain => ({
  ...about,
  ...mergedChain(spec, weights),
});

/** The state dict of an exported net. */
export const stateOf = ({ model }: ExportNet): StateDict => modelState(model);

/** The logits of qprune's own net for images [n, h, w, 3]. */
export const ownLogits = (
  spec: ChainSpec,
  state: StateDict,
  images: Float32Array,
): Float32Array => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, state, "own");
  const { height, width, channels } = spec.input;
  const count = images.length / (height * width * channels);
  const input = tf.tensor4d(images, [count, height, width, channels]);
  const logits = net.infer(input);
  const values = logits.dataSync() as Float32Array;
  tf.dispose([input, logits]);
  net.dispose();
  return values;
};
