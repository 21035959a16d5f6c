// node bench/runtimes.js PYTHON DATA IMAGES FILE...: exports the nets of files as ONNX and .tflite and compares the classes that they
// and every runtime of runtimes.py predict for the first test images. PYTHON has the runtimes, DATA is the folder of CIFAR-10. Where MNN
// cannot run the ONNX model, it runs the .tflite file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { exportModel } from "../dist/index.js";
import { firstImages } from "./lib/first-images.js";
import { agreement, engineLogits, planesOf, readFloats } from "./lib/logits.js";

const [python, directory, count, ...files] = process.argv.slice(2);
const IMAGES = Number(count);
const script = fileURLToPath(new URL("./runtimes.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-runtimes-"));

const RUNTIMES = ["onnxruntime", "openvino", "litert", "mnn", "ncnn"];

/** What runs instead where a runtime fails. */
const SUBSTITUTES = { mnn: "mnn_tflite" };

/** Runs all files of the folder in a runtime, or in its substitute, and returns which. */
const runIn = (runtime, name) => {
  const { status, signal, stderr } = spawnSync(python, [script, folder, runtime]);
  if (status === 0) return runtime;
  process.stderr.write(`${name} ${runtime}: ${signal ?? String(stderr).slice(-300)}\n`);
  return SUBSTITUTES[runtime] && runIn(SUBSTITUTES[runtime], name);
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
  const own = engineLogits(net, images);
  const name = basename(file).replace(/\.\w+$/, "");
  const sizes = [];
  for (const format of ["onnx", "tflite"]) {
    const save = join(folder, `${name}.${format}`);
    await exportModel({ file, format, save, force: true, test: false });
    sizes.push(statSync(save).size);
  }
  const planes = planesOf(images);
  const { height, width, channels } = spec.input;
  writeFileSync(join(folder, `${name}.sides`), `${channels} ${height} ${width}`);
  writeFileSync(
    join(folder, `${name}.images.f32`),
    Buffer.from(planes.buffer, 0, planes.byteLength),
  );
  const cells = RUNTIMES.map((runtime) => {
    const used = runIn(runtime, name);
    if (!used) return "-";
    const cell = agreement(own, readFloats(join(folder, `${name}.${used}.f32`)), spec.classes);
    return used === runtime ? cell : `${cell} (${used})`;
  });
  process.stdout.write(`| ${name} | ${cells.join(" | ")} | ${sizes.join(" | ")} |\n`);
  for (const each of [images, net]) each.dispose();
  for (const each of readdirSync(folder)) rmSync(join(folder, each));
}
rmSync(folder, { recursive: true });
