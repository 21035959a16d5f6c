import { reachOf } from "../../base/sliding-window.js";
import { type Node, type NodeOf, outputValue, type ValueId } from "../../graph/graph.js";
import { MAX_KERNEL } from "../../graph/limits.js";
import { producerName } from "../../graph/producers.js";
import type { Padding } from "../../graph/window.js";
import { type DraftedNet, rewrite, viewOf } from "./drafted-net.js";
import { findActivations } from "./find-activations.js";
import { joinAffines, shiftsAsBiases } from "./join-affines.js";

/** Global pools whose maps of 1x1 are only flattened return vectors at once. */
const poolsToVectors = (net: DraftedNet): DraftedNet => {
  const { producerOf, isReadOnce } = viewOf(net);
  const nodes = new Map<string, Node>();
  const values = new Map<ValueId, ValueId>();
  for (const node of net.graph.nodes) {
    const pool = node.kind === "flatten" ? producerOf(node.inputs[0] as ValueId) : undefined;
    if (pool?.kind !== "globalPool" || !pool.keepsMaps || !isReadOnce(pool.name)) continue;
    nodes.set(pool.name, { ...pool, keepsMaps: false });
    values.set(node.name, pool.name);
  }
  return rewrite(net, { nodes, values });
};

/** The padding of a convolution together with that of a pad before it; undefined if a convolution cannot have so much. */
const paddingWith = (conv: NodeOf<"conv">, pad: NodeOf<"pad">): Padding | undefined => {
  if (pad.value !== 0 || pad.channels) return undefined;
  const all = conv.padding.map((border, at) => border + (pad.padding[at] as number));
  const fits = all.every((border, at) => {
    const reach = reachOf(conv.kernel[at % 2] as number, conv.dilation[at % 2] as number);
    return border < reach && border <= MAX_KERNEL;
  });
  return fits ? (all as unknown as Padding) : undefined;
};

/** Pads that only a convolution reads become its padding. */
const padsIntoConvs = (net: DraftedNet): DraftedNet => {
  const { producerOf, isReadOnce } = viewOf(net);
  const nodes = new Map<string, Node>();
  const values = new Map<ValueId, ValueId>();
  for (const node of net.graph.nodes) {
    const pad = node.kind === "conv" ? producerOf(node.inputs[0] as ValueId) : undefined;
    if (node.kind !== "conv" || pad?.kind !== "pad" || !isReadOnce(pad.name)) continue;
    const padding = paddingWith(node, pad);
    if (!padding) continue;
    nodes.set(node.name, { ...node, padding });
    values.set(pad.name, pad.inputs[0] as ValueId);
  }
  return rewrite(net, { nodes, values });
};

/** Equal splits of one value, as of several slices, become one. */
const joinSplits = (net: DraftedNet): DraftedNet => {
  const firsts = new Map<string, string>();
  const values = new Map<ValueId, ValueId>();
  for (const node of net.graph.nodes) {
    if (node.kind !== "split") continue;
    const key = `${node.inputs[0]} ${node.sizes}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, node.name);
    else
      node.sizes.forEach((_, at) => {
        values.set(`${node.name}:${at}`, `${first}:${at}`);
      });
  }
  return rewrite(net, { values });
};

/** Removes nodes that the output does not need, with their tensors. */
const withoutUnread = ({ graph, weights }: DraftedNet): DraftedNet => {
  const needed = new Set(graph.outputs.map(({ value }) => producerName(value)));
  for (const node of graph.nodes.toReversed())
    if (needed.has(node.name)) for (const value of node.inputs) needed.add(producerName(value));
  const nodes = graph.nodes.filter(({ name }) => needed.has(name));
  const moduleOf = (tensor: string): string => tensor.slice(0, tensor.lastIndexOf("."));
  return {
    graph: { ...graph, nodes },
    weights: new Map([...weights].filter(([tensor]) => needed.has(moduleOf(tensor)))),
  };
};

/** The net without a softmax at its end, which training and predictions add themselves. */
export const withoutLastSoftmax = (net: DraftedNet): DraftedNet => {
  const last = viewOf(net).producerOf(outputValue(net.graph));
  if (last?.kind !== "softmax") return net;
  return withoutUnread(rewrite(net, { values: new Map([[last.name, last.inputs[0] as ValueId]]) }));
};

const PASSES = [
  findActivations,
  withoutUnread,
  // Hard sigmoids are parts of hard swishes.
  findActivations,
  withoutUnread,
  shiftsAsBiases,
  withoutUnread,
  joinAffines,
  padsIntoConvs,
  joinSplits,
  withoutUnread,
  poolsToVectors,
  withoutUnread,
];

/** Replaces the patterns in which exporters write what is one node of a graph, and removes what nothing reads. */
export const tidyNet = (net: DraftedNet): DraftedNet =>
  PASSES.reduce((current, pass) => pass(current), net);
