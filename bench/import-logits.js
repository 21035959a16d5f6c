// node bench/import-logits.js FOLDER: reads the models that tensorflow/export_applications.py has written and compares the logits
// with those of Keras or LiteRT (tensorflow/run_tflite.py). One row per model: nodes, parameters, MACs, and the largest difference of logits as a share of the largest.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadEngine } from "../dist/engine/load-engine.js";
import { graphCost } from "../dist/graph/cost.js";
import { importModel } from "../dist/index.js";
import { tf } from "../dist/tensor/tf.js";
import { runningModel } from "./running-model.js";

const [folder = "."] = process.argv.slice(2);

const floats = (path) => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write(
  "| model | nodes | parameters | MACs | seconds to read | difference |\n|---|---|---|---|---|---|\n",
);
const SUFFIX = ".logits.f32";
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(SUFFIX))
  .sort()) {
  const name = file.slice(0, -SUFFIX.length);
  const path = join(folder, name);
  try {
    const before = performance.now();
    const inFolder = join(path, "model.json");
    const options = existsSync(`${path}.until`)
      ? { until: readFileSync(`${path}.until`, "utf8") }
      : {};
    const model = await importModel(existsSync(inFolder) ? inFolder : path, options);
    const seconds = (performance.now() - before) / 1000;
    const [{ shape }] = model.graph.inputs;
    const values = floats(join(folder, `${name.replace(/[_.].*$/, "")}.input.f32`));
    const images = tf.tensor(values, [values.length / shape.reduce((a, b) => a * b, 1), ...shape]);
    const net = runningModel(model);
    const logits = net.infer(images);
    const [own, expected] = [logits.dataSync(), floats(join(folder, file))];
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = own.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - expected[at])),
      0,
    );
    const { parameters, macs } = graphCost(model.graph);
    const share =
      own.length === expected.length ? (difference / largest).toExponential(1) : "other size";
    process.stdout.write(
      `| ${name} | ${model.graph.nodes.length} | ${parameters} | ${macs} | ${seconds.toFixed(2)} | ${share} |\n`,
    );
    for (const each of [images, logits, net]) each.dispose();
  } catch (error) {
    process.stdout.write(`| ${name} | ${error.message.slice(0, 300)} |\n`);
  }
}
