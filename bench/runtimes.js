// node bench/runtimes.js PYTHON DATA IMAGES FILE...: exports the nets of files as ONNX and .tflite and compares the classes that they
// and every runtime of runtimes.py predict for the first test images. PYTHON has the runtimes, DATA is the folder of CIFAR-10.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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

const [python, directory, count, ...files] = process.argv.slice(2);
const IMAGES = Number(count);
const script = fileURLToPath(new URL("./runtimes.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-runtimes-"));

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

const RUNTIMES = ["onnxruntime", "openvino", "litert", "mnn", "ncnn"];

const readFloats = (path) => {
  const { buffer, byteOffset, length } = readFileSync(path);
  return new Float32Array(buffer.slice(byteOffset, byteOffset + length));
};

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write(
  `| file | ${RUNTIMES.join(" | ")} | .onnx | .tflite |\n|---${"|---".repeat(7)}|\n`,
);
for (const file of files) {
  const checkpoint = await loadCheckpoint(file);
  const { spec } = checkpoint.manifest;
  const images = await firstImages(checkpoint);
  const net = runningNet(spec, checkpoint);
  const logits = net.infer(images);
  const own = logits.dataSync();
  const name = basename(file).replace(/\.\w+$/, "");
  const sizes = [];
  for (const format of ["onnx", "tflite"]) {
    const save = join(folder, `${name}.${format}`);
    await exportModel({ file, format, save, force: true, test: false });
    sizes.push(statSync(save).size);
  }
  const planes = tf.tidy(() => tf.transpose(images, [0, 3, 1, 2]).dataSync());
  const { height, width, channels } = spec.input;
  writeFileSync(join(folder, `${name}.sides`), `${channels} ${height} ${width}`);
  writeFileSync(
    join(folder, `${name}.images.f32`),
    Buffer.from(planes.buffer, 0, planes.byteLength),
  );
  for (const runtime of RUNTIMES) {
    const { status, signal, stderr } = spawnSync(python, [script, folder, runtime]);
    if (status !== 0)
      process.stderr.write(`${name} ${runtime}: ${signal ?? String(stderr).slice(-300)}\n`);
  }
  const rows = own.length / spec.classes;
  const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const cells = RUNTIMES.map((runtime) => {
    const path = join(folder, `${name}.${runtime}.f32`);
    if (!existsSync(path)) return "-";
    const theirs = readFloats(path);
    let same = 0;
    for (let row = 0; row < rows; row++)
      if (argmax(own, spec.classes, row) === argmax(theirs, spec.classes, row)) same++;
    const difference = own.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - theirs[at])),
      0,
    );
    return `${same} of ${rows}, ${(difference / largest).toExponential(1)}`;
  });
  process.stdout.write(`| ${name} | ${cells.join(" | ")} | ${sizes.join(" | ")} |\n`);
  for (const each of [images, logits, net]) each.dispose();
  for (const each of readdirSync(folder)) rmSync(join(folder, each));
}
rmSync(folder, { recursive: true });
