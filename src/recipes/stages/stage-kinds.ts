import type { z } from "zod";
import { workersOptions } from "../../options/groups/workers-options.js";
import {
  bnMerge,
  compare,
  exportNet,
  prune,
  pruneChannels,
  ptq,
  quantizingCommand,
  sensitivity,
  trainingCommand,
  wbwtab,
  wqaq,
} from "./stage-commands.js";
import type {
  InputOption,
  NetForm,
  OutputOption,
  StageCommand,
  StageCommandName,
  StageKind,
} from "./stage-kind.js";

const netEndings = () => [".safetensors", ".pth", ".pt"];
const net: OutputOption = {
  key: "save",
  defaultName: (stage) => `${stage}.safetensors`,
  endings: netEndings,
};

/** Nets that qprune reads. */
const NETS: readonly NetForm[] = ["trainable", "merged", "calibrated", "exported"];

const trainable = (key: string, isRequired = true): InputOption => ({
  key,
  isRequired,
  takes: ["trainable"],
});

/** A net that training stages learn from. */
const teacher: InputOption = {
  key: "teacher",
  isRequired: false,
  takes: NETS,
};

/** A classifier from which the backbone of a detector starts. */
const backbone = trainable("backbone", false);

/** The option that names a file of sensitivities, which other stages read besides their nets. */
export const SENSITIVITY = "sensitivity";

const measured: InputOption = { key: SENSITIVITY, isRequired: false, takes: ["sensitivities"] };

/** Options that the recipe decides itself or that only make sense for a single call. */
const HIDDEN = [
  ...["json", "dry_run", "force", "resume", "evaluate", "override", "time_limit"],
  // A recipe runs on one machine.
  ...Object.keys(workersOptions),
];
const SPARSITY = ["sparsity_regularization", "s", "group_lasso"];
/** Options that choose weights to start from, hidden in stages that start from another net. */
const STARTS = ["pretrained", "backbone"];

const training = {
  fixed: {},
  hidden: HIDDEN,
  outputs: [net],
  makes: () => "trainable",
  isTraining: true,
  dataUse: () => "train and test",
} as const satisfies Partial<StageKind>;

/** For commands that test the net if there are images. */
const dataIfTested: StageKind["dataUse"] = ({ test }) => (test === false ? "none" : "test only");

/** What an export writes: a form of its own for other programs, or a file that qprune reads. */
const exportedForm = ({ format }: Readonly<Record<string, unknown>>) => {
  if (format === "tfjs" || format === "tflite") return format;
  return format === "onnx" || format === "qonnx" ? "onnx" : "exported";
};

/** The ending of an exported file; a folder for TensorFlow.js has none. */
const EXPORT_ENDINGS = {
  tfjs: "",
  tflite: ".tflite",
  onnx: ".onnx",
  exported: ".safetensors",
} as const;

/** The kinds of stages, by the name that recipes use. */
export const STAGE_KINDS = {
  /** Trains from scratch, or from published weights: in full precision, or quantized if options ask for it. */
  train: {
    ...training,
    commands: [prune, wqaq, wbwtab],
    commandOf: trainingCommand,
    hidden: [...HIDDEN, ...SPARSITY, "refine"],
    inputs: [teacher, backbone],
  },
  sparse: {
    ...training,
    commands: [prune],
    commandOf: () => prune,
    fixed: { sparsity_regularization: true },
    inputs: [trainable("refine", false), teacher, backbone],
  },
  prune: {
    commands: [pruneChannels],
    commandOf: () => pruneChannels,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("model"), measured],
    outputs: [net, { key: "plan", endings: () => [".json"] }],
    makes: () => "trainable",
    isTraining: false,
    dataUse: (options) =>
      options.importance === "taylor" ? "train and test" : dataIfTested(options),
  },
  refine: {
    ...training,
    commands: [prune],
    commandOf: () => prune,
    hidden: [...HIDDEN, ...SPARSITY, ...STARTS],
    inputs: [trainable("refine"), teacher],
  },
  quantize: {
    ...training,
    commands: [wqaq, wbwtab],
    commandOf: quantizingCommand,
    hidden: [...HIDDEN, ...STARTS],
    inputs: [{ key: "refine", isRequired: true, takes: ["trainable", "calibrated"] }, teacher],
  },
  ptq: {
    commands: [ptq],
    commandOf: () => ptq,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("file")],
    outputs: [net],
    makes: () => "calibrated",
    isTraining: false,
    // Images to calibrate with are training images.
    dataUse: () => "train and test",
  },
  merge: {
    commands: [bnMerge],
    commandOf: () => bnMerge,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("model")],
    outputs: [
      net,
      {
        key: "save_before",
        defaultName: (stage) => `${stage}_before.safetensors`,
        endings: netEndings,
      },
      { key: "dump" },
    ],
    makes: () => "merged",
    isTraining: false,
    dataUse: dataIfTested,
  },
  export: {
    commands: [exportNet],
    commandOf: () => exportNet,
    fixed: {},
    hidden: HIDDEN,
    inputs: [{ key: "file", isRequired: true, takes: NETS }],
    outputs: [
      {
        key: "save",
        defaultName: (stage, options) => `${stage}${EXPORT_ENDINGS[exportedForm(options)]}`,
        // The format is unknown if options are invalid.
        endings: (options) => {
          const ending = EXPORT_ENDINGS[exportedForm(options)];
          return options.format === undefined || ending === "" ? [] : [ending];
        },
      },
    ],
    makes: exportedForm,
    isTraining: false,
    // Only exports that round kernels are tested.
    dataUse: (options) => (options.edges === "int8" ? dataIfTested(options) : "none"),
  },
  sensitivity: {
    commands: [sensitivity],
    commandOf: () => sensitivity,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("file")],
    outputs: [{ key: "save", defaultName: (stage) => `${stage}.json`, endings: () => [".json"] }],
    makes: () => "sensitivities",
    isTraining: false,
    dataUse: () => "train and test",
  },
  compare: {
    commands: [compare],
    commandOf: () => compare,
    fixed: {},
    hidden: HIDDEN,
    inputs: [
      {
        key: "files",
        isRequired: true,
        isList: true,
        takes: NETS,
      },
      measured,
    ],
    outputs: [
      { key: "save", defaultName: (stage) => `${stage}.json`, endings: () => [".json"] },
      { key: "html", endings: () => [".html", ".htm"] },
    ],
    makes: () => "comparison",
    isTraining: false,
    dataUse: dataIfTested,
  },
} as const satisfies Record<string, StageKind>;

export type StageKindName = keyof typeof STAGE_KINDS;

export const stageKindNames = Object.keys(STAGE_KINDS) as readonly StageKindName[];

export const isStageKindName = (name: string): name is StageKindName =>
  Object.hasOwn(STAGE_KINDS, name);

/** The schema of a stage's options. */
export const stageSchema = ({
  kind,
  command,
}: {
  readonly kind: StageKindName;
  readonly command: StageCommandName;
}): z.ZodObject => {
  const commands: readonly StageCommand[] = STAGE_KINDS[kind].commands;
  const found = commands.find(({ name }) => name === command);
  if (!found) throw new Error(`${kind} has no command ${command}`);
  return found.schema;
};
