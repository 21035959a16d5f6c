// node bench/onnx-logits.js FOLDER: reads the ONNX files that torch/export_torchvision.py has written and compares the
// logits with those of onnxruntime. One row per file: nodes, parameters, MACs, and the largest difference of logits as a
// share of the largest logit.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { graphCost } from "../dist/graph/cost.js";
import { tf } from "../dist/tensor/tf.js";

const [folder = "."] = process.argv.slice(2);

const floats = (path) => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

/** Images [n, c, h, w] as [n, h, w, c]. */
const readImages = (name, { height, width, channels }) => {
  const values = floats(join(folder, `${name}.input.f32`));
  const count = values.length / (height * width * channels);
  return tf.tidy(() => tf.tensor(values, [count, channels, height, width]).transpose([0, 2, 3, 1]));
};

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write(
  "| file | nodes | parameters | MACs | seconds to read | difference |\n|---|---|---|---|---|---|\n",
);
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".onnx"))
  .sort()) {
  const name = file.replace(/(_script|_dynamo)?\.onnx$/, "");
  try {
    const before = performance.now();
    const checkpoint = await loadCheckpoint(join(folder, file));
    const seconds = (performance.now() - before) / 1000;
    const { spec } = checkpoint.manifest;
    const net = runningNet(spec, checkpoint);
    const images = readImages(name, spec.input);
    const logits = net.infer(images);
    const [own, expected] = [
      logits.dataSync(),
      floats(join(folder, file.replace(".onnx", ".logits.f32"))),
    ];
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = own.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - expected[at])),
      0,
    );
    const { parameters, macs } = graphCost(spec.graph);
    const share =
      own.length === expected.length ? (difference / largest).toExponential(1) : "other size";
    process.stdout.write(
      `| ${file} | ${spec.graph.nodes.length} | ${parameters} | ${macs} | ${seconds.toFixed(2)} | ${share} |\n`,
    );
    for (const each of [images, logits, net]) each.dispose();
  } catch (error) {
    process.stdout.write(`| ${file} | ${error.message} ${process.env.STACK ? error.stack : ""}|\n`);
  }
}
