// node bench/tfjs-logits.js MODEL.json[=UNTIL]...: reads models of TensorFlow.js and compares what they compute of one random image
// with TensorFlow.js itself. One row per file: nodes, parameters, MACs, and the largest difference as a share of the largest value.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadGraphModel, loadLayersModel } from "@tensorflow/tfjs";
import { loadEngine } from "../dist/engine/load-engine.js";
import { graphCost } from "../dist/graph/cost.js";
import { importModel } from "../dist/index.js";
import { tf } from "../dist/tensor/tf.js";
import { runningModel } from "./running-model.js";

/** Reads a model.json and its weights from the disk. */
const fromDisk = (path) => ({
  load: async () => {
    const json = JSON.parse(readFileSync(path, "utf8"));
    const specs = json.weightsManifest.flatMap(({ weights }) => weights);
    const shards = json.weightsManifest.flatMap(({ paths }) =>
      paths.map((name) => readFileSync(join(dirname(path), name))),
    );
    const { buffer, byteOffset, length } = Buffer.concat(shards);
    return {
      modelTopology: json.modelTopology,
      format: json.format,
      signature: json.signature,
      weightSpecs: specs,
      weightData: buffer.slice(byteOffset, byteOffset + length),
    };
  },
});

/** The value of a graph's output before a softmax: the reader leaves a last softmax out, since nets return logits. */
const beforeSoftmax = ({ node: nodes }, output) => {
  const known = new Map(nodes.map((node) => [node.name, node]));
  const node = known.get(output.split(":")[0]);
  if (node?.op === "Identity") return beforeSoftmax({ node: nodes }, node.input[0]);
  return node?.op === "Softmax" ? node.input[0] : output;
};

const expectedOf = async (path, images, until) => {
  const handler = fromDisk(path);
  const { modelTopology } = JSON.parse(readFileSync(path, "utf8"));
  if (!("node" in modelTopology)) return (await loadLayersModel(handler)).predict(images);
  const model = await loadGraphModel(handler);
  const [input] = model.inputs;
  return model.executeAsync(
    { [input.name]: images },
    until ?? beforeSoftmax(modelTopology, model.outputs[0].name),
  );
};

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write("| file | nodes | parameters | MACs | difference |\n|---|---|---|---|---|\n");
for (const argument of process.argv.slice(2)) {
  const [path, until] = argument.split("=");
  try {
    const model = await importModel(path, until ? { until, imageSize: 64 } : { imageSize: 64 });
    const [{ shape }] = model.graph.inputs;
    const images = tf.randomUniform([1, ...shape], 0, 1, "float32", 3);
    const net = runningModel(model);
    const [own, expected] = [net.infer(images), await expectedOf(path, images, until)];
    const [values, wanted] = [own.dataSync(), expected.dataSync()];
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = values.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - wanted[at])),
      0,
    );
    const { parameters, macs } = graphCost(model.graph);
    const share =
      values.length === wanted.length
        ? (difference / largest).toExponential(1)
        : `${values.length} and ${wanted.length} values`;
    process.stdout.write(
      `| ${argument.split("/").slice(-2).join("/")} | ${model.graph.nodes.length} | ${parameters} | ${macs} | ${share} |\n`,
    );
    net.dispose();
  } catch (error) {
    process.stdout.write(`| ${argument.split("/").at(-1)} | ${error.message.slice(-400)} |\n`);
  }
}
