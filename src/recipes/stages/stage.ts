import type { OptionText } from "../../options/names/option-text.js";
import type { SourceLocation } from "../source-location.js";
import type { StageCommandName } from "./stage-kind.js";
import type { StageKindName } from "./stage-kinds.js";

/** A file that a stage reads. */
export interface StageInput {
  /** The option that names it. */
  readonly key: string;
  readonly from:
    | { readonly kind: "stage"; readonly stage: string }
    | { readonly kind: "file"; readonly path: string };
  readonly location: SourceLocation;
}

/** A file or folder that a stage writes into the recipe's folder. */
export interface StageOutput {
  readonly key: string;
  readonly file: string;
  readonly location: SourceLocation;
}

/**
 * A stage as far as it could be resolved. A stage with invalid options still lists its inputs and outputs, without
 * those that are invalid themselves.
 */
export interface StageDraft {
  readonly name: string;
  readonly kind: StageKindName;
  /** The command that the stage runs. */
  readonly command: StageCommandName;
  readonly location: SourceLocation;
  /** Locations of option values, by option key. */
  readonly valueLocations: Readonly<Record<string, SourceLocation>>;
  /** The given options by key, without those that name inputs and outputs. */
  readonly given: Readonly<Record<string, OptionText>>;
  /** All options including defaults, as parsed by the command's schema; undefined if any is invalid. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
  readonly inputs: readonly StageInput[];
  readonly outputs: readonly StageOutput[];
}

/** A stage whose options are resolved and valid. */
export interface Stage extends StageDraft {
  readonly options: Readonly<Record<string, unknown>>;
  /** The first is the one that other stages read by the stage's name. */
  readonly outputs: readonly [StageOutput, ...StageOutput[]];
}

/** A recipe that is ready to run; every stage comes after those that it depends on. */
export interface Recipe {
  readonly path: string;
  readonly about: string | undefined;
  readonly folder: string;
  readonly stages: readonly Stage[];
}
