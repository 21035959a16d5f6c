import chalk from "chalk";
import { describeQuantization } from "../../options/describe-quantization.js";
import type { LayerReport } from "../../ptq/quantize-layers.js";
import { textTable } from "../../report/text-table.js";
import type { PtqResult } from "../../workflows/quantizing/quantize-trained.js";
import { measureTitle } from "../texts/measure-name.js";
import { untestedText } from "../texts/untested-text.js";

const decibels = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : "-");

const bitText = (bits: number): string => (bits === 32 ? "float" : String(bits));

const layerRow = (layer: LayerReport): string[] => [
  layer.name,
  bitText(layer.weightBits),
  bitText(layer.inputBits),
  decibels(layer.ownDecibels),
  decibels(layer.decibels),
];

const number = (title: string) => ({ title, isNumber: true });

const layerTable = (layers: readonly LayerReport[]): string =>
  textTable(
    [
      { title: "layer" },
      number("weights"),
      number("input"),
      number("own SNR (dB)"),
      number("SNR (dB)"),
    ],
    layers.map(layerRow),
  );

const percent = (accuracy: number): string => `${accuracy.toFixed(2)}%`;

/** The result as text: a line per layer, then accuracies and the file. */
export const ptqText = (result: PtqResult): string => {
  const { model, spec, layers, tests, untested, silent, file } = result;
  const seconds = (result.milliseconds / 1000).toFixed(1);
  return [
    `${chalk.bold(model)}: ${spec.arch}, ${describeQuantization(spec.quantization)}\n`,
    `Calibrated with ${result.calibrationImages} images, fitted layers to ${result.fittedImages} of them, in ${seconds} s\n\n`,
    layerTable(layers),
    silent.length > 0
      ? `Always 0 on the calibration images, so that the range is a guess: ${silent.join(", ")}\n`
      : "",
    tests
      ? `${measureTitle(tests.float)} on ${tests.float.count} test images: ${percent(tests.float.accuracy)} in float, ${percent(tests.quantized.accuracy)} quantized\n`
      : "",
    untested ? `Not tested: ${untestedText(untested)}.\n` : "",
    `Saved ${file}\n`,
  ].join("");
};

/** The result as --json prints it: ratios in decibels, null where a layer is in floats. */
export const ptqJson = ({ layers, spec, untested, ...result }: PtqResult): object => ({
  ...result,
  arch: spec.arch,
  quantization: spec.quantization,
  layers: layers.map(({ ownDecibels, decibels: all, ...layer }) => ({
    ...layer,
    ownDecibels: Number.isFinite(ownDecibels) ? ownDecibels : null,
    decibels: Number.isFinite(all) ? all : null,
  })),
  ...(untested && { untested: untestedText(untested) }),
});
