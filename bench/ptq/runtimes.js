// node bench/ptq/runtimes.js PYTHON DATA IMAGES FILE...: exports nets of affine quantizers as ONNX and .tflite, and compares the
// classes that the runtime of this package, the training engine and every runtime of runtimes.py give for the first test images.
// PYTHON has the runtimes, DATA is the folder of CIFAR-10.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "../../dist/checkpoint/checkpoint.js";
import { runningNet } from "../../dist/checkpoint/running-net.js";
import { loadEngine } from "../../dist/engine/load-engine.js";
import { loadRuntimeAddon } from "../../dist/engine/runtime-addon/runtime-addon.js";
import { exportNetOf } from "../../dist/export/export-net.js";
import { exportModel } from "../../dist/index.js";
import { kernelEngine } from "../../dist/runtime/kernels/kernel-engine.js";
import { nativeKernels } from "../../dist/runtime/native/native-kernels.js";
import { compilePlan } from "../../dist/runtime/plan/compile.js";
import { wasmKernels } from "../../dist/runtime/wasm/modules.js";
import { firstImages } from "../lib/first-images.js";
import { agreement, engineLogits, planesOf, readFloats } from "../lib/logits.js";

const [python, directory, count, ...files] = process.argv.slice(2);
const IMAGES = Number(count);
const script = fileURLToPath(new URL("../runtimes.py", import.meta.url));
const RUNTIMES = ["onnxruntime", "openvino", "litert", "litert_reference"];

/** The logits of images in codes, with native kernels where there are some. */
const integerLogits = async (model, pixels, classes) => {
  const addon = loadRuntimeAddon();
  const target = addon ? nativeKernels(addon) : await wasmKernels();
  const engine = await kernelEngine(compilePlan(model), target);
  const logits = new Float32Array(IMAGES * classes);
  const size = pixels.length / IMAGES;
  for (let image = 0; image < IMAGES; image++) {
    engine.input.set(pixels.subarray(image * size, (image + 1) * size));
    engine.run();
    logits.set(engine.output, image * classes);
  }
  engine.dispose();
  return logits;
};

await loadEngine({ engine: "native", notify: () => {} });
const columns = ["training engine", ...RUNTIMES];
process.stdout.write(`| net | ${columns.join(" | ")} |\n|---${"|---".repeat(columns.length)}|\n`);
for (const file of files) {
  const folder = mkdtempSync(join(tmpdir(), "qprune-runtimes-"));
  const checkpoint = await loadCheckpoint(file);
  const { spec, dataSet } = checkpoint.manifest;
  const images = await firstImages(checkpoint, { directory, count: IMAGES });
  const name = basename(file).replace(/\.\w+$/, "");
  for (const format of ["onnx", "tflite"])
    await exportModel({
      file,
      format,
      save: join(folder, `${name}.${format}`),
      force: true,
      test: false,
    });
  const planes = planesOf(images);
  const { height, width, channels } = spec.input;
  writeFileSync(join(folder, `${name}.sides`), `${channels} ${height} ${width}`);
  writeFileSync(
    join(folder, `${name}.images.f32`),
    Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength),
  );
  const { model } = exportNetOf(checkpoint, { spec, dataSet });
  const own = await integerLogits(model, images.dataSync(), spec.classes);
  const net = runningNet(spec, checkpoint);
  const others = new Map([["training engine", engineLogits(net, images)]]);
  for (const runtime of RUNTIMES) {
    const { status, signal, stderr } = spawnSync(python, [script, folder, runtime]);
    const path = join(folder, `${name}.${runtime}.f32`);
    if (status !== 0)
      process.stderr.write(`${name} ${runtime}: ${signal ?? String(stderr).slice(-300)}\n`);
    if (existsSync(path)) others.set(runtime, readFloats(path));
  }
  const cells = columns.map((column) => {
    const theirs = others.get(column);
    return theirs ? agreement(own, theirs, spec.classes) : "-";
  });
  process.stdout.write(`| ${name} | ${cells.join(" | ")} |\n`);
  for (const each of [images, net]) each.dispose();
  rmSync(folder, { recursive: true });
}
