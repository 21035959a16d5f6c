import { samePadding } from "../base/sliding-window.js";
import type { Node, NodeKind, NodeOf } from "./graph.js";
import type { Shape } from "./shape.js";
import type { Padding, Pair, Sides } from "./window.js";

/** Rows and columns added around maps: on every side, [vertical, horizontal], or [top, left, bottom, right]. */
export type Borders = number | Pair | Padding;

/** The attributes of a node besides its kind, name and inputs. */
export type Attributes<K extends NodeKind> = Omit<NodeOf<K>, "kind" | "name" | "inputs">;

/** The attributes of T, of which all except K have defaults. */
type Given<T, K extends keyof T> = Pick<T, K> & Partial<T>;

/** Attributes with windows as people write them: one number for both axes or for all sides. */
type Windowed<T, K extends keyof T> = Omit<
  Given<T, K>,
  "kernel" | "stride" | "padding" | "dilation"
> & {
  readonly kernel: Sides;
  readonly stride?: Sides;
  /**
   * `same` adds the rows and columns that make the sides of the output those of the input divided by the stride, rounded up;
   * an odd one is added at the bottom or right (TensorFlow's rule).
   */
  readonly padding?: Borders | "same";
};

/** What a builder takes for a node of each kind. */
export interface NodeOptions {
  activation: Attributes<"activation">;
  add: Attributes<"add">;
  affine: Attributes<"affine">;
  averagePool: Windowed<Attributes<"averagePool">, never>;
  batchNorm: Given<Attributes<"batchNorm">, never>;
  concat: Attributes<"concat">;
  conv: Windowed<Attributes<"conv">, "filters"> & { readonly dilation?: Sides };
  dense: Given<Attributes<"dense">, "features">;
  dropout: Attributes<"dropout">;
  flatten: Attributes<"flatten">;
  globalPool: Given<Attributes<"globalPool">, never>;
  maxPool: Windowed<Attributes<"maxPool">, never>;
  multiply: Attributes<"multiply">;
  pad: Omit<Given<Attributes<"pad">, never>, "padding"> & { readonly padding?: Borders };
  pixelShuffle: Attributes<"pixelShuffle">;
  prelu: Given<Attributes<"prelu">, never>;
  quantize: Attributes<"quantize">;
  reshape: Attributes<"reshape">;
  resize: Given<Attributes<"resize">, "height" | "width">;
  shuffle: Attributes<"shuffle">;
  softmax: Attributes<"softmax">;
  split: Attributes<"split">;
}

const pair = (sides: Sides): Pair => (typeof sides === "number" ? [sides, sides] : sides);

/** Borders in the order of graphs. */
const border = (borders: Borders): Padding => {
  if (typeof borders === "number") return [borders, borders, borders, borders];
  return borders.length === 2 ? [borders[0], borders[1], borders[0], borders[1]] : borders;
};

interface WindowOptions {
  readonly kernel: Sides;
  readonly stride?: Sides;
  readonly padding?: Borders | "same";
  readonly dilation?: Sides;
}

const windowOf = (
  { kernel, stride = 1, padding = 0, dilation = 1 }: WindowOptions,
  [x]: readonly Shape[],
) => {
  const window = { kernel: pair(kernel), stride: pair(stride), dilation: pair(dilation) };
  return {
    ...window,
    padding: padding === "same" ? samePadding(x ?? [], window) : border(padding),
  };
};

/** A pool moves by its size unless a stride is given (PyTorch's default). */
const poolWindow = (options: WindowOptions, inputs: readonly Shape[]) => {
  const { dilation: _, ...window } = windowOf({ stride: options.kernel, ...options }, inputs);
  return window;
};

const WEIGHTS = { hasBias: false, quantizer: { kind: "float" }, stored: "latent" } as const;

/**
 * Completes the attributes of a node. The defaults are PyTorch's, except that convolutions and dense layers have no bias.
 * Weights are latent and in full precision.
 */
export const nodeDefaults: {
  readonly [K in NodeKind]: (options: NodeOptions[K], inputs: readonly Shape[]) => Attributes<K>;
} = {
  activation: (options) => options,
  add: () => ({}),
  affine: () => ({}),
  averagePool: (options, inputs) => ({
    roundsUp: false,
    countsPadding: true,
    ...options,
    ...poolWindow(options, inputs),
  }),
  batchNorm: (options) => ({
    hasAffine: true,
    epsilon: 1e-5,
    newStatWeight: 0.1,
    isGammaFixed: false,
    minGamma: null,
    ...options,
  }),
  concat: () => ({}),
  conv: (options, inputs) => ({ groups: 1, ...WEIGHTS, ...options, ...windowOf(options, inputs) }),
  dense: (options) => ({ ...WEIGHTS, ...options }),
  dropout: (options) => options,
  flatten: () => ({}),
  globalPool: (options) => ({ function: "mean", keepsMaps: false, ...options }),
  maxPool: (options, inputs) => ({ roundsUp: false, ...options, ...poolWindow(options, inputs) }),
  multiply: () => ({}),
  pad: ({ padding = 0, ...options }) => ({ value: 0, ...options, padding: border(padding) }),
  pixelShuffle: (options) => options,
  prelu: (options) => ({ isShared: false, ...options }),
  quantize: (options) => options,
  reshape: (options) => options,
  resize: (options) => ({ method: "nearest", alignsCorners: false, ...options }),
  shuffle: (options) => options,
  softmax: () => ({}),
  split: (options) => options,
};

/** A node whose missing attributes have their defaults. */
export const completeNode = <K extends NodeKind>(
  kind: K,
  {
    name,
    inputs,
    shapes,
    options,
  }: {
    readonly name: string;
    readonly inputs: readonly string[];
    /** The shapes of the inputs that exist. */
    readonly shapes: readonly Shape[];
    readonly options: NodeOptions[K];
  },
): Node =>
  // TypeScript does not see that the attributes of a kind with the kind are its node.
  ({ name, kind, inputs, ...nodeDefaults[kind](options, shapes) }) as unknown as Node;
