import { beforeAll, expect, test } from "vitest";
import { applyState, type StateDict } from "../../src/checkpoint/tensors/net-state.js";
import { loadEngine } from "../../src/engine/load-engine.js";
import { buildNet } from "../../src/models/build-net.js";
import type { ChainSpec } from "../../src/models/chains/chain-spec.js";
import { specFromDescription } from "../../src/models/chains/descriptions/chain-from-description.js";
import type { Tensor4D } from "../../src/tensor/tf.js";
import { bakedChain, mergedChain } from "../models/chain-model.js";
import { binaryActivations } from "../models/quantizations.js";
import { randomWeights } from "../models/random-weights.js";
import { randomTensor } from "../random-tensor.js";

beforeAll(async () => {
  await loadEngine({ engine: "js", notify: () => {} });
});

const logitsOf = (spec: ChainSpec, state: StateDict, images: Tensor4D): Float32Array => {
  const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
  applyState(net, state, "merge");
  const logits = net.infer(images).dataSync() as Float32Array;
  net.dispose();
  return logits;
};

test.each([false, true])(
  "a last convolution with the norm before it keeps its activation (quantized: %s)",
  (isQuantized) => {
    const spec = specFromDescription({
      description: {
        name: "own",
        order: "norm-activation-conv",
        convs: [
          { width: 8, kernel: 3 },
          { width: 8, kernel: 1 },
          { kernel: 1, isQuantized },
        ],
      },
      classes: 4,
      input: { channels: 3, height: 8, width: 8 },
      sequence: "dorefa",
      quantization: {
        weights: { kind: "binary", hasAlpha: true },
        activations: binaryActivations,
      },
    });
    const weights = randomWeights(spec, 3);
    const [baked, merged] = [bakedChain(spec, weights), mergedChain(spec, weights)];
    const images = randomTensor([5, 8, 8, 3], 7) as Tensor4D;
    const before = logitsOf(baked.spec, baked.state, images);
    const after = logitsOf(merged.spec, merged.state, images);
    before.forEach((value, at) => {
      // Products of a few float32 numbers.
      expect(Math.abs(value - (after[at] as number))).toBeLessThan(1e-4);
    });
  },
);
