import { Unsupported } from "../../unsupported.js";

/** Numbers that may be computed besides some for each number of the file (CWE-400): shapes and small tables. */
const SPARE_NUMBERS = 2_000_000;
/** How often each number of a file may be computed again, as by transposing a matrix. */
const MOST_PER_NUMBER = 4;
/** Numbers that a constant may have that is larger than those from which it follows, such as a shape. */
const MAX_GROWN = 65_536;

/** Limits what is computed from constants. */
export interface FoldBudget {
  /** @throws Unsupported if a constant of `count` numbers that follows from one of `source` numbers is too large. */
  readonly spend: (count: number, source: number) => void;
}

export const createFoldBudget = (fileNumbers: number): FoldBudget => {
  let left = SPARE_NUMBERS + MOST_PER_NUMBER * fileNumbers;
  return {
    spend: (count, source) => {
      left -= count;
      if (!Number.isSafeInteger(count) || left < 0 || (count > source && count > MAX_GROWN))
        throw new Unsupported(`computes a constant of ${count} numbers, which is too large`);
    },
  };
};
