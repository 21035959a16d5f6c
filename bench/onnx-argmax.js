// node bench/onnx-argmax.js PYTHON DATA FILE...: exports the nets of files as ONNX and compares the classes that they and
// onnxruntime predict for the first 1,000 test images. PYTHON has onnxruntime, DATA the folder of CIFAR-10.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { createBatchLoader } from "../dist/data/batches/batch-loader.js";
import { loadDataSet } from "../dist/data/load-data-set.js";
import { testInput } from "../dist/data/preparation.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { exportModel } from "../dist/index.js";
import { tf } from "../dist/tensor/tf.js";
import { toImageTensor } from "../dist/train/image-tensor.js";

const IMAGES = 1000;
const [python, directory, ...files] = process.argv.slice(2);
const script = fileURLToPath(new URL("../test/export/onnx/run_onnx.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-onnx-"));

const argmax = (logits, classes, row) => {
  let best = 0;
  for (let at = 1; at < classes; at++)
    if (logits[row * classes + at] > logits[row * classes + best]) best = at;
  return best;
};

/** The first test images of the data set that a file records, as its net takes them. */
const firstImages = async ({ manifest: { dataSet, spec } }) => {
  const set = await loadDataSet({
    name: dataSet.name,
    directory,
    testLimit: IMAGES,
    parts: "test only",
    net: testInput(dataSet.name, dataSet),
  });
  const options = { images: set.test, info: set.info, batchSize: IMAGES };
  const loader = createBatchLoader({ ...options, mode: "evaluate", seed: 1, workers: 0 });
  for await (const batch of loader.epoch(0)) {
    const images = toImageTensor(batch, spec);
    await loader.close?.();
    return images;
  }
};

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write("| file | same class | difference of logits | bytes |\n|---|---|---|---|\n");
for (const file of files) {
  const checkpoint = await loadCheckpoint(file);
  const { spec } = checkpoint.manifest;
  const images = await firstImages(checkpoint);
  const net = runningNet(spec, checkpoint);
  const logits = net.infer(images);
  const own = logits.dataSync();
  const name = basename(file).replace(/\.\w+$/, "");
  const save = join(folder, `${name}.onnx`);
  await exportModel({ file, format: "onnx", save, force: true, test: false });
  const planes = tf.tidy(() => tf.transpose(images, [0, 3, 1, 2]).dataSync());
  writeFileSync(
    join(folder, `${name}.images.f32`),
    Buffer.from(planes.buffer, 0, planes.byteLength),
  );
  execFileSync(python, [script, folder]);
  const { buffer, byteOffset, length } = readFileSync(join(folder, `${name}.logits.f32`));
  const theirs = new Float32Array(buffer.slice(byteOffset, byteOffset + length));
  const rows = own.length / spec.classes;
  let same = 0;
  for (let row = 0; row < rows; row++)
    if (argmax(own, spec.classes, row) === argmax(theirs, spec.classes, row)) same++;
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = own.reduce(
    (most, value, at) => Math.max(most, Math.abs(value - theirs[at])),
    0,
  );
  const share = (difference / largest).toExponential(1);
  process.stdout.write(`| ${name} | ${same} of ${rows} | ${share} | ${statSync(save).size} |\n`);
  for (const each of [images, logits, net]) each.dispose();
  for (const ending of ["onnx", "images.f32", "logits.f32"])
    rmSync(join(folder, `${name}.${ending}`));
}
rmSync(folder, { recursive: true });
