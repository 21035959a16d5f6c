// node bench/runtimes.js PYTHON DATA IMAGES [--runtimes NAME,...] [--modules MODULES] FILE...: exports the nets of files as ONNX and
// .tflite and compares the classes that they and runtimes predict for the first test images. PYTHON has the runtimes of runtimes.py, DATA
// is the folder of CIFAR-10. MODULES is a folder in which `npm install onnxruntime-node onnxruntime-web` was run; with it, these are
// compared, too. Where MNN cannot run the ONNX model, it runs the .tflite file. `--runtimes qonnx` runs the export to QONNX.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadCheckpoint } from "../dist/checkpoint/checkpoint.js";
import { runningNet } from "../dist/checkpoint/running-net.js";
import { loadEngine } from "../dist/engine/load-engine.js";
import { exportModel } from "../dist/index.js";
import { firstImages } from "./lib/first-images.js";
import { agreement, engineLogits, planesOf, readFloats } from "./lib/logits.js";
import { ONNXRUNTIME_PACKAGES, onnxruntimeLogits } from "./lib/onnxruntime-js.js";

const { values: options, positionals } = parseArgs({
  options: { modules: { type: "string" }, runtimes: { type: "string" } },
  allowPositionals: true,
});
const [python, directory, count, ...files] = positionals;
const IMAGES = Number(count);
const script = fileURLToPath(new URL("./runtimes.py", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "qprune-runtimes-"));

const RUNTIMES = options.runtimes?.split(",") ?? [
  ...(options.modules ? ONNXRUNTIME_PACKAGES : []),
  ...["onnxruntime", "openvino", "litert", "mnn", "ncnn"],
];
const FORMATS = RUNTIMES.includes("qonnx") ? ["onnx", "tflite", "qonnx"] : ["onnx", "tflite"];

/** What runs instead where a runtime fails. */
const SUBSTITUTES = { mnn: "mnn_tflite" };

/** Runs all files of the folder in a runtime, or in its substitute, and returns which. */
const runIn = (runtime, name) => {
  const { status, signal, stderr } = spawnSync(python, [script, folder, runtime]);
  if (status === 0) return runtime;
  process.stderr.write(`${name} ${runtime}: ${signal ?? String(stderr).slice(-300)}\n`);
  return SUBSTITUTES[runtime] && runIn(SUBSTITUTES[runtime], name);
};

/** Writes the files that a net is exported to, and returns their sizes. */
const exportAll = async (file, name) => {
  const sizes = [];
  for (const format of FORMATS) {
    const save = join(folder, `${name}.${format}${format === "qonnx" ? ".onnx" : ""}`);
    await exportModel({ file, format, save, force: true, test: false });
    sizes.push(statSync(save).size);
  }
  return sizes;
};

const writeImages = (planes, { channels, height, width }, name) => {
  writeFileSync(join(folder, `${name}.sides`), `${channels} ${height} ${width}`);
  writeFileSync(
    join(folder, `${name}.images.f32`),
    Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength),
  );
};

const row = async (file) => {
  const checkpoint = await loadCheckpoint(file);
  const { spec } = checkpoint.manifest;
  const images = await firstImages(checkpoint, { directory, count: IMAGES });
  const net = runningNet(spec, checkpoint);
  const own = engineLogits(net, images);
  const name = basename(file).replace(/\.\w+$/, "");
  const sizes = await exportAll(file, name);
  const planes = planesOf(images);
  const { height, width, channels } = spec.input;
  writeImages(planes, spec.input, name);
  const cells = [];
  const shape = [images.shape[0], channels, height, width];
  const given = { path: join(folder, `${name}.onnx`), planes, shape, classes: spec.classes };
  for (const runtime of RUNTIMES) {
    const isPackage = ONNXRUNTIME_PACKAGES.includes(runtime);
    const used = isPackage ? runtime : runIn(runtime, name);
    const theirs = isPackage
      ? await onnxruntimeLogits(runtime, options.modules, given)
      : used && readFloats(join(folder, `${name}.${used}.f32`));
    const cell = theirs ? agreement(own, theirs, spec.classes) : "-";
    const text = used && used !== runtime ? `${cell} (${used})` : cell;
    process.stderr.write(`${name} ${runtime}: ${text}\n`);
    cells.push(text);
  }
  for (const each of [images, net]) each.dispose();
  for (const each of readdirSync(folder)) rmSync(join(folder, each));
  return [name, ...cells, ...sizes];
};

await loadEngine({ engine: "native", notify: () => {} });
const titles = ["file", ...RUNTIMES, ...FORMATS.map((format) => `.${format}`)];
process.stdout.write(`| ${titles.join(" | ")} |\n|${"---|".repeat(titles.length)}\n`);
for (const file of files) process.stdout.write(`| ${(await row(file)).join(" | ")} |\n`);
rmSync(folder, { recursive: true });
