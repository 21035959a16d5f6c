import type { Node, NodeOf, ValueId } from "../../graph/graph.js";
import { type DraftedNet, type NetView, rewrite, viewOf } from "./drafted-net.js";

type Function = NodeOf<"activation">["function"];

/** An activation that a node completes, and the value of which it is. */
interface Found {
  readonly function: Function;
  readonly of: ValueId;
}

const isNear = (one: number | undefined, other: number): boolean =>
  one !== undefined && Math.abs(one - other) < 1e-6;

/** The input of a node that computes scale x + shift for all channels alike. */
const scaledBy = (
  node: Node | undefined,
  { scalarOf }: NetView,
  [scale, shift]: readonly [number, number],
): ValueId | undefined => {
  if (node?.kind !== "affine") return undefined;
  const isIt =
    isNear(scalarOf(`${node.name}.scale`), scale) &&
    isNear(scalarOf(`${node.name}.threshold`), -shift);
  return isIt ? node.inputs[0] : undefined;
};

/** The x of relu6(x + 3). */
const shiftedRelu6 = (value: ValueId | undefined, view: NetView): ValueId | undefined => {
  const relu6 = view.producerOf(value ?? "");
  if (relu6?.kind !== "activation" || relu6.function !== "relu6") return undefined;
  return scaledBy(view.producerOf(relu6.inputs[0] as ValueId), view, [1, 3]);
};

/** The other factor of a product if `factorOf` one of them is a function of it. */
const productOf = (
  node: Node | undefined,
  factorOf: (factor: ValueId) => ValueId | undefined,
): ValueId | undefined => {
  if (node?.kind !== "multiply") return undefined;
  const [one, other] = node.inputs as [ValueId, ValueId];
  if (factorOf(other) === one) return one;
  return factorOf(one) === other ? other : undefined;
};

const gateOf =
  (view: NetView, name: Function) =>
  (factor: ValueId): ValueId | undefined => {
    const gate = view.producerOf(factor);
    return gate?.kind === "activation" && gate.function === name ? gate.inputs[0] : undefined;
  };

/** The x of relu(x) that a ReLU6 limits. */
const limitedRelu = (node: Node, view: NetView): ValueId | undefined =>
  node.kind === "activation" && node.function === "relu6"
    ? gateOf(view, "relu")(node.inputs[0] as ValueId)
    : undefined;

/** The activation of which a node is the last part. */
const foundAt = (node: Node, view: NetView): Found | undefined => {
  const relu = limitedRelu(node, view);
  if (relu !== undefined) return { function: "relu6", of: relu };
  const sixth = scaledBy(node, view, [1 / 6, 0]);
  if (sixth !== undefined) {
    const hardSigmoid = shiftedRelu6(sixth, view);
    if (hardSigmoid !== undefined) return { function: "hardSigmoid", of: hardSigmoid };
    const hardSwish = productOf(view.producerOf(sixth), (factor) => shiftedRelu6(factor, view));
    if (hardSwish !== undefined) return { function: "hardSwish", of: hardSwish };
  }
  const silu = productOf(node, gateOf(view, "sigmoid"));
  if (silu !== undefined) return { function: "silu", of: silu };
  const hardSwish = productOf(node, gateOf(view, "hardSigmoid"));
  return hardSwish === undefined ? undefined : { function: "hardSwish", of: hardSwish };
};

/** Finds activations that exporters write as their parts: hard sigmoid, hard swish and SiLU. */
export const findActivations = (net: DraftedNet): DraftedNet => {
  const view = viewOf(net);
  const nodes = new Map<string, Node>();
  const tensors = new Map<string, undefined>();
  for (const node of net.graph.nodes) {
    const found = foundAt(node, view);
    if (!found) continue;
    const { name } = node;
    nodes.set(name, { kind: "activation", name, inputs: [found.of], function: found.function });
    for (const suffix of ["scale", "threshold"]) tensors.set(`${name}.${suffix}`, undefined);
  }
  return rewrite(net, { nodes, tensors });
};
