// node bench/onnxruntime-js.js MODULES DATA IMAGES FILE...: exports the nets of files as ONNX and compares the classes that they,
// onnxruntime-node and onnxruntime-web (its WebAssembly, in Node.js) predict for the first test images. MODULES is a folder in which
// `npm install onnxruntime-node onnxruntime-web` was run, DATA is the folder of CIFAR-10.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { exportModel } from "../dist/index.js";
import { firstImages } from "./lib/first-images.js";
import { agreement, engineLogits, planesOf } from "./lib/logits.js";

const [modules, directory, count, ...files] = process.argv.slice(2);
const BATCH = 50;
const require = createRequire(join(resolve(modules), "package.json"));
const RUNTIMES = ["onnxruntime-node", "onnxruntime-web"];

/** The logits for images [n, channels, height, width] in a package with the interface of onnxruntime. */
const logitsIn = async ({ InferenceSession, Tensor }, path, { planes, shape, classes }) => {
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
  const size = shape[1] * shape[2] * shape[3];
  const all = new Float32Array(shape[0] * classes);
  for (let at = 0; at < shape[0]; at += BATCH) {
    const batch = Math.min(BATCH, shape[0] - at);
    const values = planes.slice(at * size, (at + batch) * size);
    const images = new Tensor("float32", values, [batch, ...shape.slice(1)]);
    const { logits } = await session.run({ images });
    all.set(logits.data, at * classes);
  }
  await session.release();
  return all;
};

await loadEngine({ engine: "native", notify: () => {} });
const packages = RUNTIMES.map((name) => require(name));
process.stdout.write(`| file | ${RUNTIMES.join(" | ")} | .onnx |\n|---|---|---|---|\n`);
for (const file of files) {
  const folder = mkdtempSync(join(tmpdir(), "qprune-onnxruntime-"));
  const checkpoint = await loadCheckpoint(file);
  const { classes } = checkpoint.manifest.spec;
  const images = await firstImages(checkpoint, { directory, count: Number(count) });
  const net = runningNet(checkpoint.manifest.spec, checkpoint);
  const own = engineLogits(net, images);
  const name = basename(file).replace(/\.\w+$/, "");
  const save = join(folder, `${name}.onnx`);
  await exportModel({ file, format: "onnx", save, force: true, test: false });
  const [n, height, width, channels] = images.shape;
  const given = { planes: planesOf(images), shape: [n, channels, height, width], classes };
  const cells = [];
  for (const each of packages)
    cells.push(agreement(own, await logitsIn(each, save, given), classes));
  process.stdout.write(`| ${name} | ${cells.join(" | ")} | ${statSync(save).size} |\n`);
  for (const each of [images, net]) each.dispose();
  rmSync(folder, { recursive: true });
}
