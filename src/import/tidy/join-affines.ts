import type { Node, NodeOf, ValueId } from "../../graph/graph.js";
import type { FloatTensor } from "../../graph/model.js";
import { isWeighted } from "../../graph/stored-form.js";
import { type DraftedNet, rewrite, viewOf } from "./drafted-net.js";

interface Numbers {
  readonly scale: Float32Array;
  readonly threshold: Float32Array;
}

const numbersOf = (weights: DraftedNet["weights"], { name }: Node): Numbers => ({
  scale: (weights.get(`${name}.scale`) as FloatTensor).values,
  threshold: (weights.get(`${name}.threshold`) as FloatTensor).values,
});

const vector = (values: Float32Array): FloatTensor => ({
  kind: "float",
  shape: [values.length],
  values,
});

/** Two scales and shifts in a row as one: s2 (s1 x - t1) - t2. */
const joined = (first: Numbers, second: Numbers): Numbers => ({
  scale: first.scale.map((each, channel) => each * (second.scale[channel] as number)),
  threshold: first.threshold.map(
    (each, channel) =>
      each * (second.scale[channel] as number) + (second.threshold[channel] as number),
  ),
});

/** Joins scales and shifts that follow each other, as of a product with a constant and a sum with another. */
export const joinAffines = (net: DraftedNet): DraftedNet => {
  const { producerOf, isReadOnce } = viewOf(net);
  const values = new Map<ValueId, ValueId>();
  const tensors = new Map<string, FloatTensor>();
  const weights = new Map(net.weights);
  for (const node of net.graph.nodes) {
    const first = node.kind === "affine" ? producerOf(node.inputs[0] as ValueId) : undefined;
    if (first?.kind !== "affine" || !isReadOnce(first.name)) continue;
    const { scale, threshold } = joined(numbersOf(weights, first), numbersOf(weights, node));
    // The second node stays, and reads what the first one read.
    values.set(first.name, first.inputs[0] as ValueId);
    for (const [suffix, numbers] of Object.entries({ scale, threshold })) {
      tensors.set(`${node.name}.${suffix}`, vector(numbers));
      weights.set(`${node.name}.${suffix}`, vector(numbers));
    }
  }
  return rewrite(net, { values, tensors });
};

/** Turns a shift after a layer without a bias into its bias. */
export const shiftsAsBiases = (net: DraftedNet): DraftedNet => {
  const { producerOf, isReadOnce, scalarOf } = viewOf(net);
  const nodes = new Map<string, Node>();
  const values = new Map<ValueId, ValueId>();
  const tensors = new Map<string, FloatTensor>();
  for (const node of net.graph.nodes) {
    const layer = node.kind === "affine" ? producerOf(node.inputs[0] as ValueId) : undefined;
    if (!layer || !isWeighted(layer) || layer.hasBias || !isReadOnce(layer.name)) continue;
    if (scalarOf(`${node.name}.scale`) !== 1) continue;
    const { threshold } = numbersOf(net.weights, node);
    nodes.set(layer.name, { ...layer, hasBias: true } as NodeOf<"conv" | "dense">);
    values.set(node.name, layer.name);
    tensors.set(`${layer.name}.bias`, vector(threshold.map((each) => 0 - each)));
  }
  return rewrite(net, { nodes, values, tensors });
};
