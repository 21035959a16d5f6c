import type { OptionText } from "../../options/option-text.js";
import type { Where } from "../where.js";
import type { StageCommandName } from "./stage-kind.js";
import type { StageKindName } from "./stage-kinds.js";

/** A file that a stage reads. */
export interface StageInput {
  /** The option that names it. */
  readonly key: string;
  readonly from:
    | { readonly kind: "stage"; readonly stage: string }
    | { readonly kind: "file"; readonly path: string };
  readonly where: Where;
}

/** A file or folder that a stage writes into the recipe's folder. */
export interface StageOutput {
  readonly key: string;
  readonly file: string;
  readonly where: Where;
}

/**
 * A stage as far as it could be looked up. What is wrong with it does not hide which files it reads and writes;
 * those that are wrong themselves are left out.
 */
export interface StageDraft {
  readonly name: string;
  readonly kind: StageKindName;
  /** The command of the command line that it is. */
  readonly command: StageCommandName;
  readonly where: Where;
  /** Where the values of options stand, by their keys. */
  readonly places: Readonly<Record<string, Where>>;
  /** The options that were said, by their keys, without those that name files of the recipe. */
  readonly given: Readonly<Record<string, OptionText>>;
  /** All options with their defaults, as the command's schema reads them; undefined where any is wrong. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: readonly StageInput[];
  readonly outputs: readonly StageOutput[];
}

/** A stage with its options looked up and checked. */
export interface Stage extends StageDraft {
  readonly options: Readonly<Record<string, unknown>>;
  /** The first is what the stage's name stands for. */
  readonly outputs: readonly [StageOutput, ...StageOutput[]];
}

/** A recipe that can be run: every stage behind those whose files it takes. */
export interface Recipe {
  readonly path: string;
  readonly about: string | undefined;
  readonly folder: string;
  readonly stages: readonly Stage[];
}
