import { mergeNet } from "../../src/bnmerge/merge-net.js";
import { mergedState } from "../../src/checkpoint/merged-state.js";
import { applyState, type StateDict } from "../../src/checkpoint/net-state.js";
import { weightsState } from "../../src/checkpoint/net-weights.js";
import { DIGITS_INFO } from "../../src/data/digits.js";
import type { ExportNet } from "../../src/export/export-net.js";
import { bakeWeights } from "../../src/models/bake-weights.js";
import { buildNet } from "../../src/models/build-net.js";
import type { NetWeights } from "../../src/models/conv-weights.js";
import type { NetSpec } from "../../src/models/spec.js";
import { tf } from "../../src/tensor/tf.js";

const about = { dataSet: DIGITS_INFO, accuracy: 12.5, epoch: 1 };

/** A trainable net, quantized for exporting. Needs an engine. */
export const bakedNet = (spec: NetSpec, weights: NetWeights): ExportNet => ({
  ...about,
  form: "baked",
  ...bakeWeights(spec, weights),
});

export const mergedNet = (spec: NetSpec, weights: NetWeights): ExportNet => {
  const baked = bakeWeights(spec, weights);
  return { ...about, form: "merged", ...mergeNet(baked.spec, baked.weights) };
};

/** The state dict of an exported net. */
export const stateOf = (net: ExportNet): StateDict =>
  net.form === "baked" ? weightsState(net.spec, net.weights) : mergedState(net.spec, net.weights);

/** The logits of qprune's own net for images [n, h, w, 3]. */
export const ownLogits = (spec: NetSpec, state: StateDict, images: Float32Array): Float32Array => {
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
