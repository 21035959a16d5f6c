import type { OptionValue } from "../options/names/option-text.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { SourceLocation } from "./source-location.js";

/** Incremented when the same text would mean a different recipe. */
export const RECIPE_FORMAT = 1;

/** An option with its value as the recipe or the caller gave it. */
export interface Setting {
  /** Any of the option's names. */
  readonly name: string;
  /** Undefined if no option can have the value that was found. */
  readonly value: OptionValue | undefined;
  /** Describes what was found in place of a value; undefined if that was already reported. */
  readonly found?: string | undefined;
  readonly location: SourceLocation;
  readonly valueLocation: SourceLocation;
  /** Locations of the items of a list in a file. */
  readonly itemLocations?: readonly SourceLocation[] | undefined;
  /** The only stage that a setting of the caller is for; undefined for all stages. */
  readonly stage?: string | undefined;
}

/** A stage as written in the file; its kind and options are not resolved yet. */
export interface ParsedStage {
  readonly name: string;
  readonly location: SourceLocation;
  readonly kind: string;
  readonly kindLocation: SourceLocation;
  readonly settings: readonly Setting[];
}

/** A recipe as written in its file. */
export interface ParsedRecipe {
  readonly path: string;
  /** What the recipe is for, in a sentence or two. */
  readonly about: string | undefined;
  /** Where its files go; undefined for a folder named after the recipe. */
  readonly folder: string | undefined;
  /** For every stage that has the option. */
  readonly defaults: readonly Setting[];
  /** In the order of the file, without stages that cannot be read. */
  readonly stages: readonly ParsedStage[];
  /** Names of all stages, including those that cannot be read. */
  readonly names: readonly string[];
  /** Problems found while reading. */
  readonly problems: readonly RecipeProblem[];
}
