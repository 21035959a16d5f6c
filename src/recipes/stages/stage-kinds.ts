import type { z } from "zod";
import {
  bnMerge,
  compare,
  exportNet,
  prune,
  pruneChannels,
  quantizingCommand,
  trainingCommand,
  wbwtab,
  wqaq,
} from "./stage-commands.js";
import type {
  InputOption,
  OutputOption,
  StageCommand,
  StageCommandName,
  StageKind,
} from "./stage-kind.js";

const netEndings = () => [".safetensors", ".pth", ".pt"];
const net: OutputOption = {
  key: "save",
  usual: (stage) => `${stage}.safetensors`,
  endings: netEndings,
};

const trainable = (key: string, isRequired = true): InputOption => ({
  key,
  isRequired,
  takes: ["trainable"],
});

/** What the recipe decides, and what only a call by hand has a use for. */
const HIDDEN = ["json", "dry_run", "force", "resume", "evaluate", "override"];
const SPARSITY = ["sparsity_regularization", "s"];

const training = {
  fixed: {},
  hidden: HIDDEN,
  outputs: [net],
  makes: () => "trainable",
  isTraining: true,
  dataUse: () => "train and test",
} as const satisfies Partial<StageKind>;

/** Commands that test the net where there are images. */
const dataWhereTested: StageKind["dataUse"] = ({ test }) => (test === false ? "none" : "test only");

const isTfjs = ({ format }: Readonly<Record<string, unknown>>): boolean => format === "tfjs";

/** What a stage may be, by the name that a recipe gives it. */
export const STAGE_KINDS = {
  /** From the start: in full precision, or quantized as its options say. */
  train: {
    ...training,
    commands: [prune, wqaq, wbwtab],
    commandOf: trainingCommand,
    hidden: [...HIDDEN, ...SPARSITY, "refine"],
    inputs: [],
  },
  sparse: {
    ...training,
    commands: [prune],
    commandOf: () => prune,
    fixed: { sparsity_regularization: true },
    inputs: [trainable("refine", false)],
  },
  prune: {
    commands: [pruneChannels],
    commandOf: () => pruneChannels,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("model")],
    outputs: [net, { key: "plan", endings: () => [".json"] }],
    makes: () => "trainable",
    isTraining: false,
    dataUse: dataWhereTested,
  },
  refine: {
    ...training,
    commands: [prune],
    commandOf: () => prune,
    hidden: [...HIDDEN, ...SPARSITY],
    inputs: [trainable("refine")],
  },
  quantize: {
    ...training,
    commands: [wqaq, wbwtab],
    commandOf: quantizingCommand,
    inputs: [trainable("refine")],
  },
  merge: {
    commands: [bnMerge],
    commandOf: () => bnMerge,
    fixed: {},
    hidden: HIDDEN,
    inputs: [trainable("model")],
    outputs: [
      net,
      { key: "save_before", usual: (stage) => `${stage}_before.safetensors`, endings: netEndings },
      { key: "dump" },
    ],
    makes: () => "merged",
    isTraining: false,
    dataUse: dataWhereTested,
  },
  export: {
    commands: [exportNet],
    commandOf: () => exportNet,
    fixed: {},
    hidden: HIDDEN,
    inputs: [{ key: "file", isRequired: true, takes: ["trainable", "merged", "exported"] }],
    outputs: [
      {
        key: "save",
        usual: (stage, options) => (isTfjs(options) ? stage : `${stage}.safetensors`),
        // Options that are wrong tell no format.
        endings: ({ format }) =>
          format === "packed" || format === "safetensors" ? [".safetensors"] : [],
      },
    ],
    makes: (options) => (isTfjs(options) ? "tfjs" : "exported"),
    isTraining: false,
    // Only what rounds kernels is tested.
    dataUse: (options) => (options.edges === "int8" ? dataWhereTested(options) : "none"),
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
        takes: ["trainable", "merged", "exported"],
      },
    ],
    outputs: [
      { key: "save", usual: (stage) => `${stage}.json`, endings: () => [".json"] },
      { key: "html", endings: () => [".html", ".htm"] },
    ],
    makes: () => "comparison",
    isTraining: false,
    dataUse: dataWhereTested,
  },
} as const satisfies Record<string, StageKind>;

export type StageKindName = keyof typeof STAGE_KINDS;

export const stageKindNames = Object.keys(STAGE_KINDS) as readonly StageKindName[];

export const isStageKindName = (name: string): name is StageKindName =>
  Object.hasOwn(STAGE_KINDS, name);

/** The schema that the options of a stage are read by. */
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
