import type { QpruneError } from "../../base/errors.js";
import type { PickleValue } from "./pickle-value.js";

/** Counts what a rule makes against the limits of the whole pickle. @throws QpruneError past them. */
export type Spend = (objects: number) => void;

/** Makes the error for a file with this problem; `isForeign`: it contains more than data of its kind. */
export type Refuse = (reason: string, isForeign?: boolean) => QpruneError;

/** What a global does where it is called; without `call` it only stands for itself. */
export interface GlobalRule<T> {
  readonly call?: (args: readonly PickleValue<T>[], spend: Spend) => PickleValue<T>;
}

/**
 * What pickles of one kind of file may hold beside plain data. Nothing else is interpreted, and nothing is
 * ever executed: a rule is a function of ours that makes a plain value.
 */
export interface PickleDialect<T> {
  /** What such files are, in "which no checkpoint needs". */
  readonly purpose: string;
  /** By module and name, as in collections.OrderedDict. */
  readonly globals: ReadonlyMap<string, GlobalRule<T>>;
  /**
   * Which other globals may be referred to: what they make becomes a placeholder. Without it, all others are
   * refused, and so are the opcodes that only objects of classes need.
   */
  readonly isHarmless?: (name: string) => boolean;
  /** What a reference to something outside the pickle stands for. */
  readonly persistent?: (id: PickleValue<T>) => PickleValue<T>;
  /** Gives a rebuilt object the state that follows it; without it no object has one. */
  readonly setState?: (object: T, state: PickleValue<T>) => void;
  readonly refuse: Refuse;
  /** Bytes of the pickle itself. */
  readonly maxBytes: number;
}
