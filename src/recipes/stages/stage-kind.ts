import type { z } from "zod";
import type { OptionText } from "../../options/option-text.js";

/** What a stage makes, as far as another stage can take it. */
export type NetForm = "trainable" | "merged" | "exported" | "tfjs" | "comparison";

/** An option that names a file which a stage reads: another stage's, by its name, or a path. */
export interface InputOption {
  readonly key: string;
  readonly isRequired: boolean;
  /** Whether it names several files, as a list. */
  readonly isList?: boolean;
  /** Whose stages' files it takes. */
  readonly takes: readonly NetForm[];
}

/** A file that a stage writes, by the option that names it. */
export interface OutputOption {
  readonly key: string;
  /** The file of a stage that does not name it; undefined where it is written only if it is named. */
  readonly usual?:
    | ((stage: string, options: Readonly<Record<string, unknown>>) => string)
    | undefined;
  /** Endings that its name may have; any where there are none. */
  readonly endings?: (options: Readonly<Record<string, unknown>>) => readonly string[];
}

/** Which images a stage computes with. */
export type DataUse = "train and test" | "test only" | "none";

/** The commands of the command line that a stage may be. */
export type StageCommandName =
  | "wqaq"
  | "wbwtab"
  | "prune"
  | "normal-regular-prune"
  | "bn-merge"
  | "export"
  | "compare";

/** A command of the command line, as a stage calls it. */
export interface StageCommand {
  readonly name: StageCommandName;
  readonly schema: z.ZodObject;
  /** @throws QpruneError (usage) for options that contradict each other. */
  readonly check?: (options: Readonly<Record<string, unknown>>, given: ReadonlySet<string>) => void;
}

/** A kind of stage: a command, and which of its options are the recipe's own matter. */
export interface StageKind {
  /** Every command that a stage of this kind may call; the first counts where nothing tells. */
  readonly commands: readonly [StageCommand, ...StageCommand[]];
  /** The command that options choose. */
  readonly commandOf: (keys: ReadonlySet<string>) => StageCommand;
  /** Options that the kind sets; a stage cannot. */
  readonly fixed: Readonly<Record<string, OptionText>>;
  /** Options that a recipe does not have. */
  readonly hidden: readonly string[];
  readonly inputs: readonly InputOption[];
  /** The first is what the stage's name stands for. */
  readonly outputs: readonly [OutputOption, ...OutputOption[]];
  readonly makes: (options: Readonly<Record<string, unknown>>) => NetForm;
  /** Whether it keeps training states, so that it goes on where it was stopped. */
  readonly isTraining: boolean;
  readonly dataUse: (options: Readonly<Record<string, unknown>>) => DataUse;
}
