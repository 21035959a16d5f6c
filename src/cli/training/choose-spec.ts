import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { QpruneError } from "../../core/errors.js";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  type ArchitectureName,
  type BuiltInOptions,
  builtInSpec,
  scaledWidths,
} from "../../models/architectures.js";
import type { NetSpec } from "../../models/spec.js";
import type { Quantization } from "../../quant/quantization.js";
import type { InputFiles } from "./input-files.js";
import type { TrainingCall } from "./training-call.js";

const contradiction = (what: string, { path }: Checkpoint, hint: string): QpruneError =>
  new QpruneError(`${what}, which contradicts ${path}.`, { kind: "usage", hint });

/** A file tells arch, widths and classes; flags that say otherwise are refused. */
const checkAgainstFile = (call: TrainingCall, dataSet: DataSetInfo, file: Checkpoint): void => {
  const { options, given } = call;
  const { arch, widths, classes } = file.net;
  if (given.has("arch") && options.arch !== arch) {
    throw contradiction(
      `--arch is ${options.arch}`,
      file,
      `The file holds ${arch}; leave --arch out.`,
    );
  }
  if (given.has("cfg") && String(options.cfg) !== String(widths)) {
    throw contradiction(
      `--cfg is ${options.cfg}`,
      file,
      `The file's widths are ${widths}; leave --cfg out.`,
    );
  }
  if (given.has("width")) {
    throw contradiction("--width asks for other widths", file, "Leave --width out.");
  }
  if (classes !== dataSet.classNames.length) {
    throw new QpruneError(
      `${file.path} has ${classes} classes, but ${dataSet.name} has ${dataSet.classNames.length}.`,
      { kind: "usage", hint: "Choose the data set that the file was trained on with --dataset." },
    );
  }
};

const builtIn = (call: TrainingCall, common: Omit<BuiltInOptions, "arch" | "widths">): NetSpec => {
  const { arch, cfg, width } = call.options;
  if (cfg && width !== undefined) {
    throw new QpruneError("--cfg and --width both set the widths.", {
      kind: "usage",
      hint: "Give one of them.",
    });
  }
  if (cfg) return builtInSpec({ ...common, arch, widths: cfg });
  return builtInSpec(
    width === undefined
      ? { ...common, arch }
      : { ...common, arch, widths: scaledWidths(arch, width) },
  );
};

/** --resume and --evaluate take the quantization from the file; flags that say otherwise are refused. */
const chooseQuantization = (call: TrainingCall, file: Checkpoint | undefined): Quantization => {
  const stored = file?.manifest?.spec.quantization;
  if (!stored || !file) return call.quantization;
  for (const half of ["weights", "activations"] as const) {
    const name = call.quantizationFlags[half];
    const asked = JSON.stringify(call.quantization[half]);
    if (call.given.has(name) && asked !== JSON.stringify(stored[half])) {
      throw contradiction(
        `--${name} asks for ${asked} ${half}`,
        file,
        `The file has ${JSON.stringify(stored[half])}; leave --${name} out, or start from it with --refine.`,
      );
    }
  }
  return stored;
};

/**
 * The net of a training command: from the file of --refine, else of --resume, else from --arch with
 * --cfg or --width. The quantization comes from the flags, but for --resume and --evaluate from the file.
 * @throws QpruneError (usage) where a flag contradicts a file.
 */
export const chooseSpec = (
  call: TrainingCall,
  dataSet: DataSetInfo,
  { refine, resume }: InputFiles,
): NetSpec => {
  const { channels, height, width } = dataSet;
  const quantizationFile = resume ?? (call.options.evaluate ? refine : undefined);
  const common = {
    classes: dataSet.classNames.length,
    input: { channels, height, width },
    sequence: call.sequence,
    quantization: chooseQuantization(call, quantizationFile),
  };
  for (const file of [refine, resume]) if (file) checkAgainstFile(call, dataSet, file);
  const shapeFile = refine ?? resume;
  if (!shapeFile) return builtIn(call, common);
  const { arch, widths } = shapeFile.net;
  return shapeFile.manifest
    ? { ...shapeFile.manifest.spec, ...common }
    : // A file without a manifest was recognised as one of the built-in nets.
      builtInSpec({ ...common, arch: arch as ArchitectureName, widths });
};
