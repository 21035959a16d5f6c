// Quantizes the net of a file to 8 bits, as `qprune ptq` does, and exports it as ONNX.

import { statSync } from "node:fs";
import { join } from "node:path";
import { loadCheckpoint } from "../../../dist/checkpoint/checkpoint.js";
import { exportModel, quantizeTrained } from "../../../dist/index.js";
import { writeCalibration } from "./photos.js";

const settings = {
  ...(process.env.OBSERVER && { observer: process.env.OBSERVER }),
  ...(process.env.KEEP_FLOAT && { keepFloat: process.env.KEEP_FLOAT.split(",") }),
  ...(process.env.KEEP_WORST && { keepFloatWorst: Number(process.env.KEEP_WORST) }),
};
const WORST = 5;

/** @returns the files of both nets, and how images are prepared */
export const quantizeAndExport = async (file, { folder, side, photos }) => {
  const data = join(folder, "calibration");
  const count = Number(process.env.IMAGES ?? photos.length);
  await writeCalibration(photos, { folder: data, side, count });
  const quantized = join(folder, "int8.safetensors");
  const result = await quantizeTrained({
    file,
    save: quantized,
    dataset: "images",
    data,
    calibration: count,
    test: false,
    ...settings,
  });
  const onnx = join(folder, "int8.onnx");
  await exportModel({ file: quantized, format: "onnx", save: onnx, test: false });
  const worst = [...result.layers].sort((a, b) => a.ownDecibels - b.ownDecibels).slice(0, WORST);
  const { manifest } = await loadCheckpoint(file);
  process.stdout.write(
    [
      `${result.calibrationImages} calibration images of ${side}x${side} from ${photos.length} photographs, ${(result.milliseconds / 1000).toFixed(0)} s`,
      `${statSync(onnx).size} bytes of ONNX; last layer ${result.layers.at(-1).decibels.toFixed(1)} dB`,
      `worst layers: ${worst.map(({ name, ownDecibels }) => `${name} ${ownDecibels.toFixed(1)} dB`).join(", ")}`,
      "",
      "",
    ].join("\n"),
  );
  return { quantized, onnx, images: manifest.dataSet };
};
