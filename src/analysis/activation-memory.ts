import {
  type Consumer,
  consumersOf,
  type Graph,
  type Node,
  type NodeKind,
  shapesOf,
  type ValueId,
  valuesOf,
} from "../graph/graph.js";
import { type Shape, sizeOf } from "../graph/shape.js";
import { isWeighted } from "../graph/stored-form.js";
import { removeDropout } from "../passes/remove-dropout.js";
import { activationBits, FLOAT_BITS } from "./layer-arithmetic.js";

/** The memory of one step of inference, for one image. */
export interface ActivationStep {
  /** The node of the step, or the first of several. */
  readonly node: string;
  readonly kind: NodeKind;
  /** Bytes of all values that exist in the step: its inputs, its outputs, and what later steps read. */
  readonly bytes: number;
}

const BITS_PER_BYTE = 8;

/** Nodes that are one step with the node before them: functions of single values, and changes of addresses. */
const JOINS_STEP: ReadonlySet<NodeKind> = new Set([
  "activation",
  "flatten",
  "prelu",
  "quantize",
  "reshape",
  "shuffle",
]);
const isNorm = ({ kind }: Node): boolean => kind === "batchNorm" || kind === "affine";

/** One node, or several that are computed together. */
interface Step {
  readonly nodes: readonly [Node, ...Node[]];
}

type Consumers = ReadonlyMap<ValueId, readonly Consumer[]>;

/** The node that is computed together with the one before it, if there is one. */
const nextInStep = (consumers: Consumers, before: Node): Node | undefined => {
  const [value, ...values] = valuesOf(before) as [ValueId];
  const [next, ...others] = consumers.get(value) ?? [];
  if (!next?.node || values.length + others.length > 0) return undefined;
  const joins = JOINS_STEP.has(next.node.kind) || (isNorm(next.node) && isWeighted(before));
  return joins ? next.node : undefined;
};

const stepsOf = ({ nodes }: Graph, consumers: Consumers): Step[] => {
  const joined = new Set<Node>();
  const steps: Step[] = [];
  for (const first of nodes) {
    if (joined.has(first)) continue;
    const all: [Node, ...Node[]] = [first];
    for (let next = nextInStep(consumers, first); next; next = nextInStep(consumers, next)) {
      joined.add(next);
      all.push(next);
    }
    steps.push({ nodes: all });
  }
  return steps;
};

/** Bits of the outputs of a node whose input has the given bits. */
const outputBits = (node: Node, inputBits: readonly number[]): number => {
  switch (node.kind) {
    case "quantize":
      return activationBits(node.quantizer);
    case "concat":
    case "flatten":
    case "maxPool":
    case "pad":
    case "pixelShuffle":
    case "reshape":
    case "shuffle":
    case "split":
      return Math.max(...inputBits);
    default:
      // A mean lies between the levels of its inputs.
      return FLOAT_BITS;
  }
};

/** The bits of every value. */
const bitsOfValues = ({ inputs, nodes }: Graph): ReadonlyMap<ValueId, number> => {
  const bits = new Map<ValueId, number>(inputs.map(({ name }) => [name, FLOAT_BITS]));
  for (const node of nodes) {
    const own = outputBits(
      node,
      node.inputs.map((value) => bits.get(value) as number),
    );
    for (const value of valuesOf(node)) bits.set(value, own);
  }
  return bits;
};

export interface ActivationMemoryOptions {
  /** Whether quantized activations count as float32, too. */
  readonly asFloat32?: boolean;
}

/** The index of the last step that reads each value; outputs of the net are kept to the end. */
const lastUses = (steps: readonly Step[], { outputs }: Graph): Map<ValueId, number> => {
  const uses = new Map<ValueId, number>();
  for (const [index, { nodes }] of steps.entries())
    for (const value of nodes[0].inputs) uses.set(value, index);
  for (const { value } of outputs) uses.set(value, steps.length);
  return uses;
};

/**
 * The activations of each step of inference on one image, in the graph's order. Quantized activations count with their bits,
 * packed without gaps; all others count as float32, including the image and the output of an average pool. A value exists from
 * the step that computes it to the last one that reads it. A convolution or dense layer is one step together with the norm,
 * activation and shuffle after it, as in merged nets and the native kernels. Any other norm is a step with its activation. A
 * shuffle after a pool is only a matter of addresses. Weights and the internal memory of kernels do not count.
 * Example: a 3x3 image of 2 channels, a 1x1 convolution to 4 channels and 2 bits: 72 + 9 bytes.
 */
export const activationSteps = (
  original: Graph,
  { asFloat32 = false }: ActivationMemoryOptions = {},
): ActivationStep[] => {
  const graph = removeDropout(original);
  const [shapes, bits] = [shapesOf(graph), bitsOfValues(graph)];
  const bytesOf = (value: ValueId): number => {
    const each = asFloat32 ? FLOAT_BITS : (bits.get(value) as number);
    return Math.ceil((sizeOf(shapes.get(value) as Shape) * each) / BITS_PER_BYTE);
  };
  const steps = stepsOf(graph, consumersOf(graph));
  const uses = lastUses(steps, graph);
  const existing = new Set<ValueId>(graph.inputs.map(({ name }) => name));
  return steps.map(({ nodes }, index) => {
    for (const value of valuesOf(nodes.at(-1) ?? nodes[0])) existing.add(value);
    const bytes = [...existing].reduce((sum, value) => sum + bytesOf(value), 0);
    for (const value of existing) if ((uses.get(value) ?? index) <= index) existing.delete(value);
    return { node: nodes[0].name, kind: nodes[0].kind, bytes };
  });
};

/** The largest of {@link activationSteps}: the least memory for activations with which inference on one image is possible. */
export const peakActivation = (graph: Graph, options?: ActivationMemoryOptions): ActivationStep =>
  activationSteps(graph, options).reduce((peak, step) => (step.bytes > peak.bytes ? step : peak));
