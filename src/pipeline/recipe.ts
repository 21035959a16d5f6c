import type { Where } from "./where.js";

/** Counts up when a recipe of the same text would mean something else. */
export const RECIPE_FORMAT = 1;

/** What an option may be in a recipe; whether it may is its schema's matter. */
export type OptionValue = string | number | boolean | readonly (string | number | boolean)[];

/** An option as it was said, by the name that was written. */
export interface Setting {
  readonly name: string;
  readonly value: OptionValue;
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
  /** In the order of the file. */
  readonly stages: readonly WrittenStage[];
}
