import type { Graph, Node, NodeOf } from "../../src/graph/graph.js";
import type { ActivationQuantization, WeightQuantization } from "../../src/graph/quantizers.js";
import { NO_PADDING, ONE } from "../../src/graph/window.js";

const FLOAT: WeightQuantization = { kind: "float" };

export interface BranchedOptions {
  readonly weights?: WeightQuantization;
  readonly activations?: ActivationQuantization;
  readonly hasBias?: boolean;
}

/** Short notations for the nodes of a graph for tests. */
export const nodesOf = ({ weights = FLOAT, hasBias = false }: BranchedOptions) => ({
  conv: (
    name: string,
    input: string,
    filters: number,
    more: Partial<NodeOf<"conv">> = {},
  ): Node => ({
    name,
    kind: "conv",
    inputs: [input],
    filters,
    kernel: [3, 3],
    stride: ONE,
    padding: [1, 1, 1, 1],
    dilation: ONE,
    groups: 1,
    hasBias,
    quantizer: weights,
    stored: "latent",
    ...more,
  }),
  norm: (name: string, input: string, more: Partial<NodeOf<"batchNorm">> = {}): Node => ({
    name,
    kind: "batchNorm",
    inputs: [input],
    hasAffine: true,
    epsilon: 1e-5,
    newStatWeight: 0.1,
    isGammaFixed: false,
    minGamma: null,
    ...more,
  }),
  relu: (name: string, input: string): Node => ({
    name,
    kind: "activation",
    inputs: [input],
    function: "relu",
  }),
  dense: (name: string, input: string, features: number): Node => ({
    name,
    kind: "dense",
    inputs: [input],
    features,
    hasBias,
    quantizer: FLOAT,
    stored: "latent",
  }),
});

/**
 * A net with all places of a norm: after a convolution with and without other consumers, after an add, a concat and a
 * pool, before a padded convolution, and before the last dense layer.
 */
export const branchedGraph = (options: BranchedOptions): Graph => {
  const { conv, norm, relu, dense } = nodesOf(options);
  const active = (name: string, input: string): Node =>
    options.activations
      ? { name, kind: "quantize", inputs: [input], quantizer: options.activations }
      : relu(name, input);
  const nodes: Node[] = [
    conv("stem", "images", 8, { quantizer: FLOAT }),
    norm("stem.bn", "stem"),
    active("stem.act", "stem.bn"),
    conv("a", "stem.act", 8),
    norm("a.bn", "a"),
    active("a.act", "a.bn"),
    conv("b", "a.act", 8, { groups: 2 }),
    norm("b.bn", "b", { minGamma: 0.01 }),
    // The block's input is also read by the add.
    { name: "sum", kind: "add", inputs: ["b.bn", "stem.act"] },
    norm("sum.bn", "sum"),
    active("sum.act", "sum.bn"),
    { name: "drop", kind: "dropout", inputs: ["sum.act"], rate: 0.5 },
    conv("c", "drop", 4, { kernel: [1, 1], padding: NO_PADDING }),
    norm("c.bn", "c"),
    { name: "both", kind: "concat", inputs: ["c", "c.bn", "sum.act"] },
    norm("both.bn", "both", { hasAffine: false }),
    conv("d", "both.bn", 6, { stride: [2, 2], quantizer: FLOAT }),
    relu("d.relu", "d"),
    {
      name: "pool",
      kind: "maxPool",
      inputs: ["d.relu"],
      kernel: [2, 2],
      stride: [2, 2],
      padding: NO_PADDING,
      roundsUp: true,
    },
    norm("pool.bn", "pool"),
    active("pool.act", "pool.bn"),
    { name: "flat", kind: "flatten", inputs: ["pool.act"] },
    dense("hidden", "flat", 5),
    norm("hidden.bn", "hidden"),
    relu("hidden.relu", "hidden.bn"),
    norm("last.bn", "hidden.relu"),
    dense("last", "last.bn", 3),
  ];
  return {
    inputs: [{ name: "images", shape: [7, 6, 3] }],
    nodes,
    outputs: [{ name: "logits", value: "last" }],
  };
};
