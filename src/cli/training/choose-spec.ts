import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import { QUANTIZATION_FLAGS } from "../../config/resolve-quantization.js";
import { QpruneError } from "../../core/errors.js";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  type ArchitectureName,
  type BuiltInOptions,
  builtInSpec,
  DEFAULT_NEW_STAT_WEIGHT,
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
    const reason =
      options.arch === "nin_bn_conv" || arch === "nin_bn_conv"
        ? " Their norms stand on different sides of the convolutions and have other widths."
        : "";
    throw contradiction(
      `--arch is ${options.arch}`,
      file,
      `The file holds ${arch}; leave --arch out.${reason}`,
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
    const names = QUANTIZATION_FLAGS[half].filter((name) => call.given.has(name));
    const asked = JSON.stringify(call.quantization[half]);
    const told = JSON.stringify(stored[half]);
    if (names.length > 0 && asked !== told) {
      const flags = names.map((name) => `--${name.replaceAll("_", "-")}`).join(" ");
      throw contradiction(
        `${flags} asks for ${asked} as ${half}`,
        file,
        `The file has ${told}; leave ${flags} out, or start from the file with --refine.`,
      );
    }
  }
  return stored;
};

/** How the inner norms are trained: by the flags, or as the file that is gone on with says. */
const chooseNorm = (
  call: TrainingCall,
  file: Checkpoint | undefined,
): Required<Pick<BuiltInOptions, "blockNewStatWeight" | "isGammaFixed">> => {
  const { bn_momentum: momentum, fixed_gamma: isFixed } = call.options;
  const stored = file?.manifest?.spec.norm;
  if (!stored || !file) {
    return { blockNewStatWeight: momentum ?? DEFAULT_NEW_STAT_WEIGHT, isGammaFixed: isFixed };
  }
  if (momentum !== undefined && momentum !== stored.blockNewStatWeight) {
    throw contradiction(
      `--bn-momentum is ${momentum}`,
      file,
      `The file has ${stored.blockNewStatWeight}; leave --bn-momentum out.`,
    );
  }
  if (isFixed && !stored.isGammaFixed) {
    throw contradiction(
      "--fixed-gamma keeps gammas at 1",
      file,
      "The file's are trained; leave --fixed-gamma out, or start from the file with --refine.",
    );
  }
  return stored;
};

/** The B-A-C-P order computes on signs alone. */
const checkOrder = ({ arch, order, quantization }: NetSpec): void => {
  if (order === "norm-activation-conv" && quantization.activations.kind !== "binary") {
    throw new QpruneError(
      `${arch} needs binary activations, not ${JSON.stringify(quantization.activations)}.`,
      { kind: "usage", hint: "Add --A 2, or choose --arch nin." },
    );
  }
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
  const goneOnWith = resume ?? (call.options.evaluate ? refine : undefined);
  const norm = chooseNorm(call, goneOnWith);
  const common = {
    classes: dataSet.classNames.length,
    input: { channels, height, width },
    sequence: call.sequence,
    quantization: chooseQuantization(call, goneOnWith),
  };
  for (const file of [refine, resume]) if (file) checkAgainstFile(call, dataSet, file);
  const shapeFile = refine ?? resume;
  const spec = shapeFile
    ? specOfFile(shapeFile, common, norm)
    : builtIn(call, { ...common, ...norm });
  checkOrder(spec);
  return spec;
};

const specOfFile = (
  { manifest, net }: Checkpoint,
  common: Omit<BuiltInOptions, "arch" | "widths">,
  norm: ReturnType<typeof chooseNorm>,
): NetSpec => {
  if (manifest) {
    const { blockNewStatWeight, isGammaFixed } = norm;
    const { spec } = manifest;
    return { ...spec, ...common, norm: { ...spec.norm, blockNewStatWeight, isGammaFixed } };
  }
  // A file without a manifest was recognised as one of the built-in nets.
  return builtInSpec({
    ...common,
    ...norm,
    arch: net.arch as ArchitectureName,
    widths: net.widths,
  });
};
