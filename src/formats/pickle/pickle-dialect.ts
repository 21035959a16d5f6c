import type { QpruneError } from "../../base/errors.js";
import type { PickleValue } from "./pickle-value.js";

/** Counts objects that a rule creates against the limit of the whole pickle. @throws QpruneError beyond it. */
export type Spend = (objects: number) => void;

/** Makes the error for a file with this problem; `isForeign`: it contains more than data of its kind. */
export type Refuse = (reason: string, isForeign?: boolean) => QpruneError;

/** What calling a global does; without `call` it can only be referred to. */
export interface GlobalRule<T> {
  readonly call?: (args: readonly PickleValue<T>[], spend: Spend) => PickleValue<T>;
}

/**
 * What pickles of one kind of file may contain besides plain data. Nothing else is interpreted, and nothing
 * from the file is ever executed (CWE-502): a rule is a function of qprune's that creates a plain value.
 */
export interface PickleDialect<T> {
  /** The kind of file, as in "which no checkpoint needs". */
  readonly purpose: string;
  /** By module and name, such as collections.OrderedDict. */
  readonly globals: ReadonlyMap<string, GlobalRule<T>>;
  /**
   * Which other globals may be referred to; objects that they create become placeholders. Without it, all others
   * are refused, and so are the opcodes that only class instances need.
   */
  readonly isHarmless?: (name: string) => boolean;
  /** Resolves a reference to data outside the pickle. */
  readonly persistent?: (id: PickleValue<T>) => PickleValue<T>;
  /** Sets the state of a rebuilt object; without it no object may have one. */
  readonly setState?: (object: T, state: PickleValue<T>) => void;
  readonly refuse: Refuse;
  /** Limit on the bytes of the pickle itself. */
  readonly maxBytes: number;
}
