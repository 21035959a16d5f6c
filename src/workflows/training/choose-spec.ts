import { QpruneError } from "../../base/errors.js";
import { option } from "../../base/option-reference.js";
import type { Checkpoint } from "../../checkpoint/checkpoint.js";
import type { DataSetInfo } from "../../data/data-set.js";
import {
  FULL_PRECISION,
  isAffine,
  learnsRanges,
  type Quantization,
} from "../../graph/quantizers.js";
import type { Architecture, GraphArchitecture } from "../../models/architecture.js";
import type { ChainSpec } from "../../models/chains/chain-spec.js";
import { checkSpec } from "../../models/chains/check-chain.js";
import type { NetDescription } from "../../models/chains/descriptions/chain-description.js";
import {
  DEFAULT_NEW_STAT_WEIGHT,
  type SpecOptions,
  scaledWidths,
  specFromDescription,
} from "../../models/chains/descriptions/chain-from-description.js";
import { graphOf, isChain, type NetSpec } from "../../models/net-spec.js";
import { QUANTIZATION_FLAGS } from "../../options/resolve-quantization.js";
import { checkAgainstFile } from "./checks/check-against-file.js";
import { checkCentring, checkOrder } from "./checks/check-quantization.js";
import { contradictionError } from "./checks/contradiction-error.js";
import { chooseGraphSpec, isGraphFile } from "./choose-graph-spec.js";
import type { InputFiles } from "./input-files.js";
import type { TrainingCall } from "./training-call.js";

type ChainArchitecture = Extract<Architecture, { readonly kind: "chain" }>;

type CommonOptions = Omit<SpecOptions, "widths">;

const specOfArch = (
  call: TrainingCall,
  description: NetDescription,
  common: CommonOptions,
): ChainSpec => {
  const { cfg, width } = call.options;
  if (cfg && width !== undefined) {
    throw new QpruneError(`${option("cfg")} and ${option("width")} both set the widths.`, {
      kind: "usage",
      hint: "Give only one of them.",
    });
  }
  const widths = width === undefined ? cfg : scaledWidths(description, width);
  const spec = specFromDescription({ ...common, description, ...(widths && { widths }) });
  checkCentring(spec);
  return spec;
};

/** The quantization of a resumed or tested file, which options must not contradict, or else that of the options. */
const chooseQuantization = (call: TrainingCall, file: Checkpoint | undefined): Quantization => {
  const stored = file?.manifest?.spec.quantization;
  if (!stored || !file) return call.quantization;
  for (const half of ["weights", "activations"] as const) {
    const names = QUANTIZATION_FLAGS[half].filter((name) => call.given.has(name));
    const asked = JSON.stringify(call.quantization[half]);
    const recorded = JSON.stringify(stored[half]);
    if (names.length > 0 && asked !== recorded) {
      const flags = names.map(option).join(" ");
      throw contradictionError(
        `${flags} asks for ${asked} as ${half}`,
        file,
        `The file has ${recorded}; omit ${flags}, or start from the file with ${option("refine")}.`,
      );
    }
  }
  return stored;
};

/** How to train the inner batch norms: as the resumed file records, or else as the options ask. */
const chooseNorm = (
  call: TrainingCall,
  file: Checkpoint | undefined,
): Required<Pick<SpecOptions, "blockNewStatWeight" | "isGammaFixed">> => {
  const { bn_momentum: momentum, fixed_gamma: isFixed } = call.options;
  const recorded = file?.manifest?.spec;
  const stored = recorded && isChain(recorded) ? recorded.norm : undefined;
  if (!stored || !file) {
    return { blockNewStatWeight: momentum ?? DEFAULT_NEW_STAT_WEIGHT, isGammaFixed: isFixed };
  }
  if (momentum !== undefined && momentum !== stored.blockNewStatWeight) {
    throw contradictionError(
      `${option("bn_momentum")} is ${momentum}`,
      file,
      `The file has ${stored.blockNewStatWeight}; omit ${option("bn_momentum")}.`,
    );
  }
  if (isFixed && !stored.isGammaFixed) {
    throw contradictionError(
      `${option("fixed_gamma")} keeps gammas at 1`,
      file,
      `Those of the file are trained; omit ${option("fixed_gamma")}, or start from the file with ${option("refine")}.`,
    );
  }
  return stored;
};

/** The spec of a given file. */
const specOfFile = (
  file: Checkpoint,
  common: CommonOptions,
  { blockNewStatWeight, isGammaFixed }: ReturnType<typeof chooseNorm>,
): ChainSpec => {
  if (file.manifest === undefined) {
    if (file.recognized.kind === "graph" || !file.net.chain)
      throw new Error("a graph has a spec of its own");
    const { widths } = file.net.chain;
    const recorded = { description: file.recognized.description, widths };
    return specFromDescription({ ...common, ...recorded, blockNewStatWeight, isGammaFixed });
  }
  const { spec } = file.manifest;
  if (!isChain(spec)) throw new Error("a graph has a spec of its own");
  const changed = {
    ...spec,
    ...common,
    norm: { ...spec.norm, blockNewStatWeight, isGammaFixed },
  };
  checkSpec(changed, file.path, {
    kind: "usage",
    hint: "Choose a data set whose images fit the net.",
  });
  return changed;
};

/**
 * The spec of the net to train: from the file of `refine`, or `resume`, or else from `arch` with `cfg` or `width`. The
 * quantization comes from the options, except for a resumed or tested file, which has its own.
 * @throws QpruneError (usage) if an option contradicts a file, or the spec is inconsistent.
 */
export const chooseSpec = (
  call: TrainingCall,
  dataSet: DataSetInfo,
  { net, refine, resume, placement }: InputFiles,
): NetSpec => {
  const { channels, height, width } = dataSet;
  const resumed = resume ?? (call.options.evaluate ? refine : undefined);
  const norm = chooseNorm(call, resumed);
  const common = {
    classes: dataSet.classNames.length,
    input: { channels, height, width },
    sequence: call.sequence,
    quantization: chooseQuantization(call, resumed),
  };
  for (const file of [refine, resume]) if (file) checkAgainstFile(call, net, dataSet, file);
  const shapeFile = refine ?? resume;
  if (shapeFile ? isGraphFile(shapeFile) : net.kind === "graph") {
    const source = shapeFile
      ? { file: shapeFile, keepsQuantization: resumed !== undefined }
      : (net as GraphArchitecture);
    const asked = { quantization: common.quantization, placement };
    return chooseGraphSpec(call, dataSet, source, asked);
  }
  const spec = shapeFile
    ? specOfFile(shapeFile, common, norm)
    : specOfArch(call, (net as ChainArchitecture).description, { ...common, ...norm });
  // The ranges of layers differ, which a chain cannot record.
  const needsGraph = learnsRanges(common.quantization) || isAffine(common.quantization);
  if ((placement || needsGraph) && !resumed) {
    const float = { ...spec, quantization: FULL_PRECISION };
    const source = { arch: spec.arch, graph: graphOf(float) };
    return chooseGraphSpec(call, dataSet, source, { quantization: common.quantization, placement });
  }
  checkOrder(spec);
  if (shapeFile && !call.options.evaluate) checkCentring(spec);
  return spec;
};
