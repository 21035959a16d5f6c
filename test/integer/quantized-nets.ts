import { runningNet } from "../../src/checkpoint/running-net.js";
import { modelState } from "../../src/checkpoint/tensors/model-state.js";
import type { Graph } from "../../src/graph/graph.js";
import { createGraphBuilder } from "../../src/graph/graph-builder.js";
import type { Model } from "../../src/graph/model.js";
import { FULL_PRECISION } from "../../src/graph/quantizers.js";
import { specOfGraph } from "../../src/models/net-spec.js";
import { type QuantizeModelOptions, quantizeModel } from "../../src/ptq/quantize-model.js";
import { type Tensor4D, tf } from "../../src/tensor/tf.js";
import { randomModel } from "../graph/random-model.js";
import { SETTINGS } from "../ptq/settings.js";
import { randomTensor } from "../random-tensor.js";

/** A net with every kind of node that has integer arithmetic. */
export const everyKind = (): Graph => {
  const g = createGraphBuilder({ height: 9, width: 8, channels: 3 });
  const conv = { filters: 8, kernel: 3, padding: 1 };
  const stem = g.relu6(g.batchNorm("bn1", g.conv("stem", g.images, conv)));
  const depthwise = g.relu(g.conv("depthwise", stem, { ...conv, groups: 8, stride: 2 }));
  const linear = g.conv("linear", depthwise, { filters: 8, kernel: 1, hasBias: true });
  const sum = g.relu(g.add(linear, depthwise));
  const grouped = g.conv("grouped", g.shuffle(sum, 2), { ...conv, groups: 2 });
  const gate = g.activation(grouped, { function: "hardSigmoid" });
  const product = g.multiply(sum, gate);
  const both = g.concat(
    g.maxPool(product, { kernel: 2, stride: 1 }),
    g.averagePool(sum, { kernel: 2, stride: 1 }),
  );
  const [left = "", right = ""] = g.split(both, [6, 10]);
  const last = g.conv("last", g.pad(right, { padding: 1 }), { filters: 8, kernel: 2 });
  const pixels = g.pixelShuffle(g.activation(last, { function: "silu" }), 2);
  const resized = g.resize(pixels, { height: 4, width: 3 });
  const mean = g.globalPool(resized);
  const rest = g.flatten(g.maxPool(left, { kernel: 2 }));
  return g.finish(g.dense("classes", g.concat(mean, rest), { features: 5, hasBias: true }));
};

/** A merged model as a net that runs. */
export const run = (model: Model, observed?: ReadonlySet<string>) => {
  const spec = specOfGraph({
    arch: "test",
    graph: model.graph,
    quantization: FULL_PRECISION,
    form: "merged",
  });
  return runningNet(
    spec,
    { path: "test", state: modelState(model), manifest: undefined },
    observed && { observed },
  );
};

/** A random model, quantized with random images, and these. */
export const quantized = async (
  graph: Graph,
  seed: number,
  settings: QuantizeModelOptions = SETTINGS,
) => {
  const images = randomTensor([12, ...(graph.inputs[0]?.shape ?? [])], seed, 1) as Tensor4D;
  const { model } = await quantizeModel(randomModel(graph, seed), settings, {
    run,
    batches: async function* () {
      yield tf.clone(images) as Tensor4D;
    },
  });
  return { model, images };
};
