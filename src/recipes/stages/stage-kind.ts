import type { z } from "zod";
import type { OptionText } from "../../options/names/option-text.js";

/** What a stage produces; it determines which stages can read it. */
export type NetForm =
  | "trainable"
  | "merged"
  /** A merged net of affine quantizers, which can be trained further. */
  | "calibrated"
  | "exported"
  | "tfjs"
  | "tflite"
  | "onnx"
  | "sensitivities"
  | "comparison";

/** An option that names an input of a stage: another stage, or the path of a file. */
export interface InputOption {
  readonly key: string;
  readonly isRequired: boolean;
  /** Whether it is a list of inputs. */
  readonly isList?: boolean;
  /** The forms that it accepts from other stages. */
  readonly takes: readonly NetForm[];
}

/** An option that names an output of a stage. */
export interface OutputOption {
  readonly key: string;
  /** The name of the output if the option is not given; without it, such an output is not written. */
  readonly defaultName?:
    | ((stage: string, options: Readonly<Record<string, unknown>>) => string)
    | undefined;
  /** Allowed file name endings; an empty list allows any. */
  readonly endings?: (options: Readonly<Record<string, unknown>>) => readonly string[];
}

/** Which part of the data set a stage needs. */
export type DataUse = "train and test" | "test only" | "none";

/** The commands that stages run. */
export type StageCommandName =
  | "wqaq"
  | "wbwtab"
  | "prune"
  | "normal-regular-prune"
  | "bn-merge"
  | "ptq"
  | "export"
  | "sensitivity"
  | "compare";

/** A command, as a stage calls it. */
export interface StageCommand {
  readonly name: StageCommandName;
  readonly schema: z.ZodObject;
  /** @throws QpruneError (usage) if options contradict each other. */
  readonly check?: (options: Readonly<Record<string, unknown>>, given: ReadonlySet<string>) => void;
}

/** A kind of stage: its commands, and how a recipe treats their options. */
export interface StageKind {
  /** Every command that a stage of this kind may run. */
  readonly commands: readonly [StageCommand, ...StageCommand[]];
  /** The command for the given option keys. */
  readonly commandOf: (keys: ReadonlySet<string>) => StageCommand;
  /** Options that the kind sets; stages cannot. */
  readonly fixed: Readonly<Record<string, OptionText>>;
  /** Options that stages do not have. */
  readonly hidden: readonly string[];
  readonly inputs: readonly InputOption[];
  /** The first is the one that other stages read by the stage's name. */
  readonly outputs: readonly [OutputOption, ...OutputOption[]];
  readonly makes: (options: Readonly<Record<string, unknown>>) => NetForm;
  /** Whether it saves training states, so that it can resume. */
  readonly isTraining: boolean;
  readonly dataUse: (options: Readonly<Record<string, unknown>>) => DataUse;
}
