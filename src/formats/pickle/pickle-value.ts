import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";

/** The keys of a dict whose items are kept. Keys of bytes (as Python 2 writes them) become text. */
export type PickleKey = string | number;

export interface PickleTuple<T> {
  readonly kind: "tuple";
  readonly items: readonly PickleValue<T>[];
}

/** A dict or an OrderedDict: the order is kept in both. */
export interface PickleDict<T> {
  readonly kind: "dict";
  readonly entries: Map<PickleKey, PickleValue<T>>;
  /** Whether items with other keys (None, tuples, objects) were dropped. */
  hasOtherKeys: boolean;
}

/** A name that a pickle refers to. It stands for nothing but itself: no code is behind it. */
export interface PickleGlobal {
  readonly kind: "global";
  /** Module and name, as in collections.OrderedDict. */
  readonly name: string;
}

/** An object of a class that no rule knows. It is inert: it keeps its class's name and nothing of its content. */
export interface PicklePlaceholder {
  readonly kind: "placeholder";
  /** Module and name of the class or function that would have made it. */
  readonly className: string;
  /** Whether its state is that of a torch.nn.Module. */
  isModule: boolean;
}

/**
 * A value of a pickle. Integers past 2^53 are bigints, Python 2's strings and all bytes are views of the
 * file. T stands for the objects that a dialect rebuilds, each told by its `kind`.
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

/** Bytes as the text that Python 2 meant by them. */
export const latin1Text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** A text, or what Python 2 wrote for one; undefined for every other value. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? latin1Text(value) : undefined;
};

const shown = (key: PickleKey): string => (typeof key === "string" ? quoted(key) : String(key));

/**
 * Sets the keys and values that alternate in `items`; items whose key is neither text nor a number are dropped.
 * A key that is there already is refused: writers never set one twice, and readers differ on which counts.
 */
export const setItems = <T>(
  dict: PickleDict<T>,
  items: readonly PickleValue<T>[],
  refuse: (reason: string) => QpruneError,
): void => {
  const { entries } = dict;
  if (items.length % 2 !== 0) throw refuse("a key of a dict has no value");
  for (let at = 0; at < items.length; at += 2) {
    const key = typeof items[at] === "number" ? (items[at] as number) : textOf(items[at]);
    if (key === undefined) {
      dict.hasOtherKeys = true;
      continue;
    }
    if (entries.has(key)) throw refuse(`a dict has the key ${shown(key)} twice`);
    entries.set(key, items[at + 1] as PickleValue<T>);
  }
};

const PLAIN_NAME = /^[\w.]{1,120}$/;

/** The name of a class or function of a file, as a message shows it. */
export const shownGlobal = (name: string): string => (PLAIN_NAME.test(name) ? name : quoted(name));
