import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";

/** Keys whose items are kept. Byte keys (as Python 2 writes them) become strings. */
export type PickleKey = string | number;

export interface PickleTuple<T> {
  readonly kind: "tuple";
  readonly items: readonly PickleValue<T>[];
}

/** A dict or OrderedDict, in the order of the file. */
export interface PickleDict<T> {
  readonly kind: "dict";
  readonly entries: Map<PickleKey, PickleValue<T>>;
  /** Whether items with other keys (None, tuples, objects) were dropped. */
  hasOtherKeys: boolean;
}

/** A name that a pickle refers to. It is only a name: no code is attached to it. */
export interface PickleGlobal {
  readonly kind: "global";
  /** Module and name, such as collections.OrderedDict. */
  readonly name: string;
}

/** An object of a class without a rule. It is inert: it keeps the name of its class and none of its content. */
export interface PicklePlaceholder {
  readonly kind: "placeholder";
  /** Module and name of the class or function that would have created it. */
  readonly className: string;
  /** Whether its state is that of a torch.nn.Module. */
  isModule: boolean;
}

/**
 * A value of a pickle. Integers beyond 2^53 are bigints; Python 2 strings and all bytes are views of the
 * file. T is the type of the objects that a dialect rebuilds, distinguished by their `kind`.
 */
export type PickleValue<T> =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue<T>[]
  | PickleTuple<T>
  | PickleDict<T>
  | PickleGlobal
  | PicklePlaceholder
  | T;

export const tupleOf = <T>(items: readonly PickleValue<T>[]): PickleTuple<T> => ({
  kind: "tuple",
  items,
});

export const emptyDict = <T>(): PickleDict<T> => ({
  kind: "dict",
  entries: new Map(),
  hasOtherKeys: false,
});

export const placeholderOf = (className: string): PicklePlaceholder => ({
  kind: "placeholder",
  className,
  isModule: false,
});

/** The kind of a value's object; undefined for plain values, bytes and lists. */
const kindOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;

export const isTuple = <T>(value: PickleValue<T> | undefined): value is PickleTuple<T> =>
  kindOf(value) === "tuple";

export const isDict = <T>(value: PickleValue<T> | undefined): value is PickleDict<T> =>
  kindOf(value) === "dict";

export const isGlobal = <T>(value: PickleValue<T> | undefined): value is PickleGlobal =>
  kindOf(value) === "global";

export const isPlaceholder = <T>(value: PickleValue<T> | undefined): value is PicklePlaceholder =>
  kindOf(value) === "placeholder";

/** The text of a Python 2 byte string. */
const latin1Text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** A string, or a Python 2 byte string as text; undefined for every other value. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? latin1Text(value) : undefined;
};

const shown = (key: PickleKey): string => (typeof key === "string" ? quoted(key) : String(key));

/**
 * Sets items of a dict from alternating keys and values. Items whose key is neither a string nor a number are
 * dropped. A duplicate key is refused (CWE-436): no writer sets one twice, and parsers disagree on which wins.
 */
export const setItems = <T>(
  dict: PickleDict<T>,
  items: readonly PickleValue<T>[],
  refuse: (reason: string) => QpruneError,
): void => {
  const { entries } = dict;
  if (items.length % 2 !== 0) throw refuse("a key of a dict has no value");
  for (let index = 0; index < items.length; index += 2) {
    const key = typeof items[index] === "number" ? (items[index] as number) : textOf(items[index]);
    if (key === undefined) {
      dict.hasOtherKeys = true;
      continue;
    }
    if (entries.has(key)) throw refuse(`a dict has the key ${shown(key)} twice`);
    entries.set(key, items[index + 1] as PickleValue<T>);
  }
};

const PLAIN_NAME = /^[\w.]{1,120}$/;

/** The name of a class or function in a file, as error messages show it. */
export const shownGlobal = (name: string): string => (PLAIN_NAME.test(name) ? name : quoted(name));
