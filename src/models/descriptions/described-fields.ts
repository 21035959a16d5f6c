import { z } from "zod";
import { MAX_KERNEL, MAX_WIDTH } from "../../graph/limits.js";
import type { Borders } from "../../graph/node-defaults.js";
import type { Sides } from "../../graph/window.js";
import { expected, whole, wholeOrLists } from "./description-fields.js";

/** Instead of a number of channels or features: one per class. */
const CLASSES = "classes";

/** A number of channels or features, or "classes". */
export const channelsField = z.custom<number | typeof CLASSES>(
  (value) => value === CLASSES || whole(1, MAX_WIDTH).safeParse(value).success,
  { error: expected(`"${CLASSES}" or a whole number from 1 to ${MAX_WIDTH}`) },
);

export const countOf = (described: number | typeof CLASSES, classes: number): number =>
  described === CLASSES ? classes : described;

/** One number for both axes, or [vertical, horizontal]. */
export const sidesField = (most: number) => wholeOrLists<Sides>({ least: 1, most, lengths: [2] });

const BORDERS = { least: 0, most: MAX_KERNEL, lengths: [2, 4] };

/** One number for all sides, [vertical, horizontal], or [top, left, bottom, right]. */
export const bordersField = wholeOrLists<Borders>(BORDERS);
export const paddingField = wholeOrLists<Borders | "same">({ ...BORDERS, words: ["same"] });

/** The fields that have a value; builders have the defaults of the others. */
export const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  // Only keys whose value is undefined are dropped, which are those that may be absent.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
