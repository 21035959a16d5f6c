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
import { chosenClasses } from "../dist/base/chosen-classes.js";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { exportModel } from "../dist/index.js";
import { tf } from "../dist/tensor/tf.js";
import { firstImages } from "./lib/first-images.js";

const [python, directory, count, ...files] = process.argv.slice(2);
const IMAGES = Number(count);
const script = fileURLToPath(new URL("./runtimes.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-runtimes-"));

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
  const images = await firstImages(checkpoint, { directory, count: IMAGES });
  const net = runningNet(spec, checkpoint);
  const logits = net.infer(images);
  const own = logits.dataSync();
  const ownClasses = chosenClasses(own, spec.classes);
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
    const chosen = chosenClasses(theirs, spec.classes);
    const same = ownClasses.filter((each, row) => each === chosen[row]).length;
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
