import type { BoxOutput, Graph, NodeKind, ValueId } from "./graph.js";
import {
  createDraft,
  type DraftOptions,
  type GraphDraft,
  IMAGES,
  type ImageShape,
  type NodeRequest,
} from "./graph-draft.js";
import type { NodeOptions } from "./node-defaults.js";
import type { Shape } from "./shape.js";

/**
 * Adds nodes to a graph, each after those whose outputs it reads. A method takes the values that the node reads and returns
 * the value that it computes. Nodes with tensors need a name, which is their prefix in a state dict; others get one such as
 * `relu1`, or `layer1.0/relu1` within a module.
 */
export interface GraphBuilder {
  /** The input of the graph. */
  readonly images: ValueId;
  /** The shape of a value so far. */
  readonly shapeOf: (value: ValueId) => Shape;
  /** A builder of the same graph that writes `module.` before names; modules may be nested. */
  readonly within: (module: string) => GraphBuilder;
  /** Adds a node of any kind and returns all its outputs. */
  readonly node: <K extends NodeKind>(kind: K, request: NodeRequest<K>) => readonly ValueId[];
  readonly conv: (name: string, x: ValueId, options: NodeOptions["conv"]) => ValueId;
  readonly dense: (name: string, x: ValueId, options: NodeOptions["dense"]) => ValueId;
  readonly batchNorm: (name: string, x: ValueId, options?: NodeOptions["batchNorm"]) => ValueId;
  readonly affine: (name: string, x: ValueId) => ValueId;
  readonly prelu: (name: string, x: ValueId, options?: NodeOptions["prelu"]) => ValueId;
  readonly activation: (x: ValueId, options: NodeOptions["activation"]) => ValueId;
  readonly relu: (x: ValueId) => ValueId;
  readonly relu6: (x: ValueId) => ValueId;
  readonly quantize: (x: ValueId, options: NodeOptions["quantize"]) => ValueId;
  readonly softmax: (x: ValueId) => ValueId;
  readonly add: (...inputs: readonly ValueId[]) => ValueId;
  readonly multiply: (x: ValueId, factor: ValueId) => ValueId;
  readonly concat: (...inputs: readonly ValueId[]) => ValueId;
  readonly split: (x: ValueId, sizes: readonly number[]) => readonly ValueId[];
  readonly maxPool: (x: ValueId, options: NodeOptions["maxPool"]) => ValueId;
  readonly averagePool: (x: ValueId, options: NodeOptions["averagePool"]) => ValueId;
  readonly globalPool: (x: ValueId, options?: NodeOptions["globalPool"]) => ValueId;
  readonly shuffle: (x: ValueId, groups: number) => ValueId;
  readonly pixelShuffle: (x: ValueId, factor: number) => ValueId;
  readonly pad: (x: ValueId, options: NodeOptions["pad"]) => ValueId;
  readonly resize: (x: ValueId, options: NodeOptions["resize"]) => ValueId;
  readonly flatten: (x: ValueId) => ValueId;
  readonly reshape: (x: ValueId, shape: NodeOptions["reshape"]["shape"]) => ValueId;
  readonly dropout: (x: ValueId, rate: number) => ValueId;
  /**
   * The finished graph, whose only output is `value` as `logits`; that of a detector describes boxes (see boxLayoutOf).
   * @throws QpruneError if nothing reads the output of some node.
   */
  readonly finish: (value: ValueId, boxes?: BoxOutput) => Graph;
}

const builderOf = (draft: GraphDraft, module: string): GraphBuilder => {
  const node: GraphBuilder["node"] = (kind, request) => draft.add(kind, module, request);
  const one = <K extends NodeKind>(kind: K, request: NodeRequest<K>): ValueId =>
    node(kind, request)[0] as ValueId;
  const named =
    <K extends NodeKind>(kind: K) =>
    (name: string, x: ValueId, options: NodeOptions[K]): ValueId =>
      one(kind, { name, inputs: [x], options });
  const unnamed =
    <K extends NodeKind>(kind: K) =>
    (x: ValueId, options: NodeOptions[K]): ValueId =>
      one(kind, { inputs: [x], options });
  return {
    images: IMAGES,
    shapeOf: draft.shapeOf,
    within: (inner) => builderOf(draft, module === "" ? inner : `${module}.${inner}`),
    node,
    conv: named("conv"),
    dense: named("dense"),
    batchNorm: (name, x, options = {}) => named("batchNorm")(name, x, options),
    affine: (name, x) => named("affine")(name, x, {}),
    prelu: (name, x, options = {}) => named("prelu")(name, x, options),
    activation: unnamed("activation"),
    relu: (x) => unnamed("activation")(x, { function: "relu" }),
    relu6: (x) => unnamed("activation")(x, { function: "relu6" }),
    quantize: unnamed("quantize"),
    softmax: (x) => unnamed("softmax")(x, {}),
    add: (...inputs) => one("add", { inputs, options: {} }),
    multiply: (x, factor) => one("multiply", { inputs: [x, factor], options: {} }),
    concat: (...inputs) => one("concat", { inputs, options: {} }),
    split: (x, sizes) => node("split", { inputs: [x], options: { sizes } }),
    maxPool: unnamed("maxPool"),
    averagePool: unnamed("averagePool"),
    globalPool: (x, options = {}) => unnamed("globalPool")(x, options),
    shuffle: (x, groups) => unnamed("shuffle")(x, { groups }),
    pixelShuffle: (x, factor) => unnamed("pixelShuffle")(x, { factor }),
    pad: unnamed("pad"),
    resize: unnamed("resize"),
    flatten: (x) => unnamed("flatten")(x, {}),
    reshape: (x, shape) => unnamed("reshape")(x, { shape }),
    dropout: (x, rate) => unnamed("dropout")(x, { rate }),
    finish: draft.finish,
  };
};

/**
 * A builder of a graph that takes images. It checks each node as it is added.
 * Example: `const g = createGraphBuilder({ height: 32, width: 32, channels: 3 });`
 * `const x = g.relu(g.batchNorm("bn1", g.conv("conv1", g.images, { filters: 16, kernel: 3, padding: 1 })));`
 * @throws QpruneError (from its methods) that names the node that does not fit and the reason.
 */
export const createGraphBuilder = (image: ImageShape, options: DraftOptions = {}): GraphBuilder =>
  builderOf(createDraft(image, options), "");
