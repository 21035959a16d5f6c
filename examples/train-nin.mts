// Trains a narrow NIN with 4-bit weights and activations on handwritten digits and saves the best net:
// node examples/train-nin.mts [STEPS] [FILE]
import {
  buildNet,
  builtInNets,
  builtInSpec,
  createBatchLoader,
  loadDataSet,
  loadEngine,
  saveCheckpoint,
  scaledWidths,
  startingPosition,
  trainNet,
} from "qprune";

const [steps = "100", file = "nin-digits.safetensors"] = process.argv.slice(2);
await loadEngine({ engine: "auto" });

const { info, train, test } = await loadDataSet({
  name: "digits",
  directory: ".",
  testLimit: 500,
  parts: "train and test",
});
const spec = builtInSpec({
  arch: "nin",
  widths: scaledWidths(builtInNets.nin, 0.25),
  classes: info.classNames.length,
  input: info,
  sequence: "dorefa",
  quantization: {
    weights: { kind: "dorefa", bits: 4 },
    activations: { kind: "dorefa", bits: 4, scale: 0.1 },
  },
});
const net = buildNet(spec, { seed: 1, gammaStart: "ones" });
const common = { info, seed: 1, workers: 0 };
const trainLoader = createBatchLoader({ ...common, images: train, mode: "train", batchSize: 50 });
const testLoader = createBatchLoader({ ...common, images: test, mode: "evaluate", batchSize: 250 });

let isSaved = false;
const { bestAccuracy } = await trainNet({
  net,
  trainLoader,
  testLoader,
  epochs: 1,
  schedule: () => 0.01,
  weightDecay: 1e-5,
  // Recalibrates batch norm before the test; results of such a short run vary a lot otherwise.
  settleBatches: 20,
  maxSteps: Number(steps),
  position: startingPosition(undefined),
  saveEverySteps: 0,
  signal: new AbortController().signal,
  hooks: {
    onStep: ({ step, loss }) => {
      if (step % 20 === 0) console.log(`step ${step}: loss ${loss.toFixed(3)}`);
    },
    onTestBatch: () => {},
    hasSaved: () => isSaved,
    save: async ({ epoch, test: { accuracy } }) => {
      const metadata = { spec, dataSet: info, accuracy, epoch, isFinished: true };
      await saveCheckpoint(file, net, { ...metadata, version: "example" });
      isSaved = true;
    },
    onEpoch: () => {},
    saveState: async () => {},
  },
});
console.log(`${file}: ${bestAccuracy.toFixed(1)} % of ${test.count} test images`);
await Promise.all([trainLoader.close(), testLoader.close()]);
net.dispose();
