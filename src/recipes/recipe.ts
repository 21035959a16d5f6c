import type { OptionValue } from "../options/option-text.js";
import type { RecipeProblem } from "./recipe-problem.js";
import type { Where } from "./where.js";

/** Counts up when a recipe of the same text would mean something else. */
export const RECIPE_FORMAT = 1;

/** An option as it was said, by the name that was written. */
export interface Setting {
  readonly name: string;
  /** Undefined where no option can be what stands there. */
  readonly value: OptionValue | undefined;
  /** In words what stands there in place of a value; undefined also where that was told already. */
  readonly found?: string | undefined;
  readonly where: Where;
  readonly valueWhere: Where;
  /** Of the items of a list that a file has. */
  readonly itemWheres?: readonly Where[] | undefined;
  /** The stage that a flag speaks of; undefined where all are meant. */
  readonly stage?: string | undefined;
}

/** A stage as its file says it: nothing of it was looked up yet. */
export interface WrittenStage {
  readonly name: string;
  readonly where: Where;
  readonly kind: string;
  readonly kindWhere: Where;
  readonly settings: readonly Setting[];
}

/** A recipe as its file says it. */
export interface WrittenRecipe {
  readonly path: string;
  /** What it is for, in a sentence or two. */
  readonly about: string | undefined;
  /** Where its files go; undefined where it leaves that to its name. */
  readonly folder: string | undefined;
  /** Options of every stage that has them. */
  readonly defaults: readonly Setting[];
  /** In the order of the file; those that cannot be read are left out. */
  readonly stages: readonly WrittenStage[];
  /** The names of all stages, also of those. */
  readonly names: readonly string[];
  /** What is wrong with what was read. */
  readonly problems: readonly RecipeProblem[];
}
