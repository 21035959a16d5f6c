// node bench/detectors/faces.js MODULES CALIBRATION [PHOTO...]: quantizes the face detector of @vladmandic/face-api, an SSD on a
// MobileNetV1, to 8 bits and compares the faces that the float net and the quantized one find in photographs, by default those of the
// package. MODULES is a folder in which `npm install @vladmandic/face-api onnxruntime-node` was run, CALIBRATION a folder of other
// photographs. In the environment, OBSERVER, KEEP_FLOAT, KEEP_WORST and IMAGES change the settings, and FOLDER keeps the files.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelState } from "../../dist/checkpoint/tensors/model-state.js";
import { FULL_PRECISION } from "../../dist/graph/quantizers.js";
import { exportModel, writeCheckpoint } from "../../dist/index.js";
import { specOfGraph } from "../../dist/models/net-spec.js";
import { compareBoxes } from "./lib/compare.js";
import { onnxNet, ownNet } from "./lib/outputs.js";
import { photosIn } from "./lib/photos.js";
import { quantizeAndExport } from "./lib/quantize.js";
import { faceBoxes, readSsd, SIDE } from "./lib/ssd-net.js";

const [modules, calibration, ...given] = process.argv.slice(2);
const DEMO = "node_modules/@vladmandic/face-api/demo";
const photos =
  given.length > 0
    ? given
    : photosIn(join(modules, DEMO)).filter((path) => path.includes("sample"));

const kept = process.env.FOLDER;
const folder = kept ?? mkdtempSync(join(tmpdir(), "qprune-faces-"));
try {
  const { model, ...layout } = readSsd(modules);
  const { graph } = model;
  const spec = specOfGraph({
    arch: "ssd_mobilenet_v1",
    graph,
    quantization: FULL_PRECISION,
    form: "trainable",
  });
  const file = join(folder, "faces.safetensors");
  const dataSet = {
    name: "images",
    channels: 3,
    height: SIDE,
    width: SIDE,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    augmentation: { cropPadding: 0, mirror: true },
    classNames: Array.from({ length: spec.classes }, (_, index) => `class ${index}`),
  };
  const manifest = { spec, dataSet, epoch: 0, isFinished: true, version: "0" };
  await writeCheckpoint(file, modelState(model), manifest);
  const float = join(folder, "float.onnx");
  await exportModel({ file, format: "onnx", save: float, test: false });
  const { quantized, onnx, images } = await quantizeAndExport(file, {
    folder,
    side: SIDE,
    photos: photosIn(calibration),
  });
  const nets = {
    float: await ownNet(file),
    "float, ONNX": await onnxNet(modules, float, SIDE),
    "int8, qprune": await ownNet(quantized),
    "int8, ONNX": await onnxNet(modules, onnx, SIDE),
  };
  const boxesOf = (values) => faceBoxes(values, layout);
  await compareBoxes({ nets, photos, side: SIDE, images, boxesOf });
  for (const net of Object.values(nets)) await net.close();
} finally {
  if (!kept) rmSync(folder, { recursive: true });
}
