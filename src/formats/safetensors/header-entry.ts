import type { StoredDtype } from "./stored-tensor.js";

/** Where a tensor lies: bytes `begin` to `end` after the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}
