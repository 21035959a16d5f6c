// Called as a process of its own, since TensorFlow.js's engine is shared within one. Reads graphs from stdin as JSON:
// { input: number[], graphs: { nodes, weights: { name, shape, values }[], output }[] }; prints the output of each.
import { text } from "node:stream/consumers";
import * as tf from "@tensorflow/tfjs";

const { input, graphs } = JSON.parse(await text(process.stdin));
await tf.setBackend("cpu");
const results = [];
for (const { nodes, weights, output } of graphs) {
  const values = Float32Array.from(weights.flatMap((weight) => weight.values));
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: { node: nodes, versions: { producer: 1, minConsumer: 1 } },
      weightSpecs: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
      weightData: values.buffer,
    }),
  );
  results.push(Array.from(model.execute({ x: tf.tensor1d(input) }, output).dataSync()));
}
process.stdout.write(JSON.stringify(results));
