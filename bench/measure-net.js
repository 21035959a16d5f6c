// Times training steps or evaluations of one net on random images and prints one line of JSON.
//   node bench/measure-net.js --net nin --Wbits 8 --Abits 8 --mode train
//   node bench/measure-net.js --net nin --W 2 --A 2
import { parseArgs } from "node:util";
import { randomUnit } from "../dist/base/random.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import {
  graphArchitectures,
  isGraphArchitectureName,
} from "../dist/models/architectures/graph-architectures.js";
import { buildNet } from "../dist/models/build-net.js";
import { builtInSpec } from "../dist/models/chains/built-in-chain.js";
import { specOfGraph } from "../dist/models/net-spec.js";
import { resolveQuantization } from "../dist/options/resolve-quantization.js";
import { DEFAULT_PLACEMENT } from "../dist/passes/layer-precisions.js";
import { quantizeGraph } from "../dist/passes/quantize-graph.js";
import { tf } from "../dist/tensor/tf.js";
import { createAdam } from "../dist/train/optimizers/adam.js";
import { trainingStep } from "../dist/train/training-step.js";
import { median } from "./median.js";
import { profileOps } from "./profile-ops.js";

const CLASSES = 10;
const KEPT_BATCHES = 4;
const LEARNING_RATE = 0.01;
const WEIGHT_DECAY = 1e-5;

const { values: asked } = parseArgs({
  options: {
    net: { type: "string", default: "nin" },
    Wbits: { type: "string" },
    Abits: { type: "string" },
    W: { type: "string" },
    A: { type: "string" },
    cfg: { type: "string" },
    mode: { type: "string", default: "train" },
    batch: { type: "string", default: "50" },
    size: { type: "string", default: "32" },
    steps: { type: "string", default: "20" },
    warmup: { type: "string", default: "3" },
    precision: { type: "string", default: "float32" },
    profile: { type: "boolean", default: false },
  },
});
const flags = Object.fromEntries(
  ["Wbits", "Abits", "W", "A"].flatMap((name) =>
    asked[name] === undefined ? [] : [[name, Number(asked[name])]],
  ),
);
const side = Number(asked.size);
const batchSize = Number(asked.batch);

const randomBatch = (seed) => ({
  images: Float32Array.from(
    { length: batchSize * side * side * 3 },
    (_, at) => randomUnit(seed, at) * 4 - 2,
  ),
  labels: Int32Array.from({ length: batchSize }, (_, at) =>
    Math.floor(randomUnit(seed, at, 1) * CLASSES),
  ),
  count: batchSize,
});

await loadEngine({ engine: "native", notify: (line) => process.stderr.write(`${line}\n`) });
const quantization = resolveQuantization(flags, new Set(Object.keys(flags)));
const image = { channels: 3, height: side, width: side };
const chainOf = (arch) =>
  builtInSpec({
    arch,
    widths: asked.cfg?.split(",").map(Number),
    classes: CLASSES,
    input: image,
    sequence: "dorefa",
    quantization,
  });
const graphOf = (arch) => {
  const float = graphArchitectures[arch].build({ classes: CLASSES, image });
  const graph = quantizeGraph(float, quantization, DEFAULT_PLACEMENT);
  return specOfGraph({ arch, graph, quantization, form: "trainable" });
};
const spec = isGraphArchitectureName(asked.net) ? graphOf(asked.net) : chainOf(asked.net);
const net = buildNet(spec, { seed: 1, gammaStart: "ones" }, { precision: asked.precision });
const adam = createAdam(net.parameters);
const batches = Array.from({ length: KEPT_BATCHES }, (_, at) => randomBatch(at));

const evaluateOnce = (batch) => {
  const images = tf.tensor4d(batch.images, [batch.count, side, side, 3]);
  const logits = net.infer(images);
  logits.dataSync();
  tf.dispose([images, logits]);
};
const options = { learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
const once = (batch) =>
  asked.mode === "train" ? trainingStep(net, adam, batch, options) : evaluateOnce(batch);

const stepMs = [];
const warmup = Number(asked.warmup);
const profile = asked.profile ? profileOps(tf.backend()) : undefined;
for (let step = 0; step < warmup + Number(asked.steps); step++) {
  if (step === warmup) profile?.restart();
  const start = performance.now();
  once(batches[step % KEPT_BATCHES]);
  if (step >= warmup) stepMs.push(performance.now() - start);
}
console.log(
  JSON.stringify({
    engine: "qprune",
    net: asked.net,
    ...flags,
    mode: asked.mode,
    precision: asked.precision,
    batch: batchSize,
    size: side,
    imagesPerSecond: (batchSize * 1000) / median(stepMs),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    stepMs,
    ...(profile && { ops: profile.shares(stepMs.length) }),
  }),
);
