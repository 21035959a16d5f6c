import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeOf,
  type ValueId,
  valuesOf,
} from "../../graph/graph.js";
import { nodesByName } from "../../graph/producers.js";
import { quantizerActivation } from "../../quant/activations/activation-of.js";
import { doReFaActivation } from "../../quant/activations/dorefa-activation.js";
import { isLearnedQuantizer } from "../../quant/activations/learned-quantizer.js";
import type { Activation } from "../../tensor/ops/activation.js";
import type { NormTail } from "../../tensor/ops/norm-activate.js";

/** What follows a node in the same pass over its values, and the value after it. */
interface FusedTail {
  readonly tail: NormTail;
  readonly output: ValueId;
  /** The quantizer whose trained range the activation has; null if it is not trained. */
  readonly learned: NodeOf<"quantize"> | null;
}

/**
 * A part of a net that runs as one layer:
 * - `norm`, `affine`: with the activation, quantizer and shuffle that follow. `biased` is a convolution before the norm
 *   whose bias is only part of the running mean, since the norm would remove it. A norm may have a second input, which is added
 *   to its output before the activation.
 * - `conv`: without its bias if a norm follows. In a net with folded norms it runs with what follows.
 * - `node`: any other node
 */
export type Step = { readonly inputs: readonly ValueId[]; readonly outputs: readonly ValueId[] } & (
  | {
      readonly kind: "norm";
      readonly node: NodeOf<"batchNorm">;
      readonly tail: NormTail;
      readonly biased: NodeOf<"conv"> | null;
      /** The quantizer in the tail, if its range is trained. */
      readonly learned: NodeOf<"quantize"> | null;
    }
  | { readonly kind: "affine"; readonly node: NodeOf<"affine">; readonly tail: NormTail }
  | {
      readonly kind: "conv";
      readonly node: NodeOf<"conv">;
      readonly addsBias: boolean;
      readonly tail: NormTail | null;
    }
  | { readonly kind: "node"; readonly node: Exclude<Node, NodeOf<"batchNorm" | "affine" | "conv">> }
);

/** The activation of a node. */
export const functionOf = (node: NodeOf<"activation">): Activation => {
  return node.function === "leakyRelu"
    ? { kind: "leakyRelu", slope: node.slope ?? 0 }
    : { kind: node.function };
};

const RELU6_LIMIT = 6;

/** An activation and a quantizer after it as one activation; undefined if they do not combine. An affine one never does. */
const quantized = (before: Activation, node: NodeOf<"quantize">): Activation | undefined => {
  const { quantizer } = node;
  if (quantizer.kind === "float") return before;
  if (quantizer.kind === "affine") return undefined;
  if (before.kind === "identity") return quantizerActivation(quantizer);
  if (quantizer.kind !== "dorefa" || quantizer.isSigned) return undefined;
  if (before.kind !== "relu" && before.kind !== "relu6") return undefined;
  if (quantizer.bits === 32) return before;
  const limit = before.kind === "relu6" && { limit: RELU6_LIMIT };
  return doReFaActivation({ ...quantizer, afterRelu: true, ...limit });
};

/** The plan of a graph under construction. */
interface Planning {
  readonly consumers: ReadonlyMap<ValueId, readonly Consumer[]>;
  readonly byName: ReadonlyMap<string, Node>;
  /** Names of nodes that run within an earlier step. */
  readonly fused: Set<string>;
  /** Values that are needed themselves, so that no step may go beyond them. */
  readonly watched: ReadonlySet<ValueId>;
  /** Whether an addition directly after a norm runs with it. */
  readonly isAddFused: (norm: NodeOf<"batchNorm">) => boolean;
  /** Values that the steps so far have computed. */
  readonly computed: Set<ValueId>;
}

/** The node that alone reads a value; null for a watched value. */
const onlyConsumer = ({ consumers, watched }: Planning, value: ValueId): Node | null => {
  if (watched.has(value)) return null;
  const [first, ...others] = consumers.get(value) ?? [];
  return others.length === 0 ? (first?.node ?? null) : null;
};

/**
 * Collects activation, quantizer and shuffle after a value, each the only consumer of the one before.
 * `takesLearned`: whether that includes quantizers whose range is trained.
 */
const fuseTail = (
  planning: Planning,
  value: ValueId,
  { takesLearned } = { takesLearned: true },
): FusedTail => {
  let [activation, output]: [Activation, ValueId] = [{ kind: "identity" }, value];
  let next = onlyConsumer(planning, output);
  let learned: FusedTail["learned"] = null;
  const take = (node: Node): void => {
    planning.fused.add(node.name);
    output = node.name;
    next = onlyConsumer(planning, output);
  };
  if (next?.kind === "activation") {
    activation = functionOf(next);
    take(next);
  }
  if (next?.kind === "quantize" && (takesLearned || !isLearnedQuantizer(next.quantizer))) {
    const both = quantized(activation, next);
    if (both) {
      activation = both;
      if (isLearnedQuantizer(next.quantizer)) learned = next;
      take(next);
    }
  }
  let shuffleGroups = 1;
  if (next?.kind === "shuffle") {
    shuffleGroups = next.groups;
    take(next);
  }
  return { tail: { activation, shuffleGroups }, output, learned };
};

/** What is added to the output of a norm in the same pass, and the sum; null if nothing is. */
const fuseAdd = (
  planning: Planning,
  norm: NodeOf<"batchNorm">,
): { readonly addend: ValueId; readonly sum: ValueId } | null => {
  const next = onlyConsumer(planning, norm.name);
  if (next?.kind !== "add" || next.inputs.length !== 2 || !planning.isAddFused(norm)) return null;
  const addend = next.inputs.find((value) => value !== norm.name);
  // Of two norms whose outputs are added, the later one takes the addition.
  if (addend === undefined || !planning.computed.has(addend)) return null;
  planning.fused.add(next.name);
  return { addend, sum: next.name };
};

const stepOf = (planning: Planning, node: Node): Step => {
  const { inputs } = node;
  switch (node.kind) {
    case "batchNorm": {
      const producer = planning.byName.get(node.inputs[0] as string);
      const isBiased =
        producer?.kind === "conv" &&
        producer.hasBias &&
        onlyConsumer(planning, producer.name) === node;
      const added = fuseAdd(planning, node);
      const { tail, output, learned } = fuseTail(planning, added?.sum ?? node.name);
      return {
        kind: "norm",
        node,
        tail,
        biased: isBiased ? producer : null,
        learned,
        inputs: added ? [...inputs, added.addend] : inputs,
        outputs: [output],
      };
    }
    case "affine": {
      const { tail, output } = fuseTail(planning, node.name, { takesLearned: false });
      return { kind: "affine", node, tail, inputs, outputs: [output] };
    }
    case "conv": {
      if (node.stored === "scaled") {
        const { tail, output } = fuseTail(planning, node.name);
        return { kind: "conv", node, addsBias: true, tail, inputs, outputs: [output] };
      }
      const isNormed = onlyConsumer(planning, node.name)?.kind === "batchNorm";
      const addsBias = node.hasBias && !isNormed;
      return { kind: "conv", node, addsBias, tail: null, inputs, outputs: [node.name] };
    }
    default:
      return { kind: "node", node, inputs, outputs: valuesOf(node) };
  }
};

/** How the nodes of a graph may run together. */
export interface Fusion {
  /** Values that are outputs of steps; none if absent. */
  readonly watched?: Iterable<ValueId>;
  /** Whether an addition directly after a norm of maps may run with it; never if absent. */
  readonly isAddFused?: (norm: NodeOf<"batchNorm">) => boolean;
}

/** Plans the steps of a graph, in its order. */
export const planSteps = (
  graph: Graph,
  { watched = [], isAddFused = () => false }: Fusion = {},
): Step[] => {
  const planning: Planning = {
    consumers: consumersOf(graph),
    byName: nodesByName(graph),
    fused: new Set(),
    watched: new Set(watched),
    isAddFused,
    computed: new Set(graph.inputs.map(({ name }) => name)),
  };
  return graph.nodes.flatMap((node) => {
    if (planning.fused.has(node.name)) return [];
    const step = stepOf(planning, node);
    for (const value of step.outputs) planning.computed.add(value);
    return [step];
  });
};
