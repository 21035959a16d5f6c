// node bench/onnx-argmax.js PYTHON DATA FILE...: exports the nets of files as ONNX and compares the classes that they and
// onnxruntime predict for the first 1,000 test images. PYTHON has onnxruntime, DATA the folder of CIFAR-10.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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

const IMAGES = 1000;
const [python, directory, ...files] = process.argv.slice(2);
const script = fileURLToPath(new URL("../test/export/onnx/run_onnx.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-onnx-"));

await loadEngine({ engine: "native", notify: () => {} });
process.stdout.write("| file | same class | difference of logits | bytes |\n|---|---|---|---|\n");
for (const file of files) {
  const checkpoint = await loadCheckpoint(file);
  const { spec } = checkpoint.manifest;
  const images = await firstImages(checkpoint, { directory, count: IMAGES });
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
  const chosen = chosenClasses(theirs, spec.classes);
  const same = chosenClasses(own, spec.classes).filter((each, row) => each === chosen[row]).length;
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
