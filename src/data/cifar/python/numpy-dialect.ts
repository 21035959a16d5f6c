import type { QpruneError } from "../../../base/errors.js";
import type { GlobalRule, PickleDialect } from "../../../formats/pickle/pickle-dialect.js";
import { isTuple, type PickleValue, textOf } from "../../../formats/pickle/pickle-value.js";
import { latin1Encode } from "../../../formats/pickle/python-globals.js";

/** An array as its pickled state describes it. */
export interface ArrayContent {
  readonly shape: readonly number[];
  /** The element type as NumPy spells it: u1 is an unsigned byte. */
  readonly dtype: string;
  /** In row-major order. */
  readonly bytes: Uint8Array;
}

interface NumpyArray {
  readonly kind: "array";
  content: ArrayContent | undefined;
}

interface NumpyDtype {
  readonly kind: "dtype";
  readonly name: string;
}

/** The objects that pickled NumPy arrays consist of. */
export type NumpyObject = NumpyArray | NumpyDtype;

type Value = PickleValue<NumpyObject>;
type Refuse = (reason: string, isForeign?: boolean) => QpruneError;

const isNumpy = <K extends NumpyObject["kind"]>(
  value: Value | undefined,
  kind: K,
): value is Extract<NumpyObject, { kind: K }> =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === kind;

/** The content of an array; undefined if the value is not an array. */
export const arrayContent = (value: Value | undefined): ArrayContent | undefined =>
  isNumpy(value, "array") ? value.content : undefined;

/** An array's state is (version, shape, dtype, whether it is stored column by column, bytes). */
const setState = (object: NumpyObject, state: Value, refuse: Refuse): void => {
  // The state of a dtype holds the byte order, which does not matter for single bytes.
  if (object.kind === "dtype") return;
  const [, shape, dtype, isFortran, bytes] = isTuple(state) ? state.items : [];
  const isWhole =
    isTuple(shape) && isNumpy(dtype, "dtype") && bytes instanceof Uint8Array && !object.content;
  if (!isWhole || isFortran) throw refuse("it has an array that is not bytes in row-major order");
  object.content = { shape: shape.items.map(Number), dtype: dtype.name, bytes };
};

/** NumPy's module was renamed in version 2. */
const RECONSTRUCT = ["numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"];

/** Pickles of plain data and NumPy arrays, as Python 2 and Python 3 write them. */
export const numpyDialect = (
  purpose: string,
  maxBytes: number,
  refuse: Refuse,
): PickleDialect<NumpyObject> => {
  const reconstruct: GlobalRule<NumpyObject> = {
    call: () => ({ kind: "array", content: undefined }),
  };
  const dtype: GlobalRule<NumpyObject> = {
    call: ([name]) => ({ kind: "dtype", name: textOf(name) ?? "" }),
  };
  return {
    purpose,
    globals: new Map<string, GlobalRule<NumpyObject>>([
      ...RECONSTRUCT.map((name) => [name, reconstruct] as const),
      ["numpy.ndarray", {}],
      ["numpy.dtype", dtype],
      ["_codecs.encode", latin1Encode(refuse, maxBytes)],
    ]),
    setState: (object, state) => setState(object, state, refuse),
    refuse,
    maxBytes,
  };
};
