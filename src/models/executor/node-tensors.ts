import { type Graph, type NodeInGraph, nodesInGraph, parametersOf } from "../../graph/graph.js";
import type { ParameterFacts, ParameterRole } from "../../graph/kinds/kind.js";
import { hasFewValues } from "../../graph/quantizers.js";
import { isWeighted } from "../../graph/stored-form.js";
import { tf } from "../../tensor/tf.js";
import { initialBias } from "../architectures/detectors/head-layers.js";
import {
  type GammaStart,
  heKernel,
  initialGamma,
  type KernelStart,
  smallKernel,
  xavierKernel,
} from "../initial-values.js";
import { type DecayPart, type Parameter, parameter, type StateTensor } from "../parameter.js";
import { headNames } from "../replace-head.js";

export interface InitialValues {
  readonly seed: number;
  readonly gammaStart: GammaStart;
  /** Xavier if absent. */
  readonly kernelStart?: KernelStart;
}

/** How parts of a net are trained. */
export interface TrainedParts {
  /** Names of nodes whose tensors stay as they are. */
  readonly frozen?: ReadonlySet<string>;
  /** Factors of the learning rate of nodes by name; 1 for all others. */
  readonly rateFactors?: ReadonlyMap<string, number>;
  /** Parts to which no weight decay applies. */
  readonly undecayed?: ReadonlySet<DecayPart>;
}

/** The part that a parameter belongs to; undefined for kernels with more values. */
const decayPartOf = (
  { node }: NodeInGraph,
  role: (typeof IS_TRAINED)[keyof typeof IS_TRAINED],
): DecayPart | undefined => {
  if (role === "gamma" || role === "beta" || role === "scale" || role === "threshold")
    return "norms";
  if (role === "bias" || role === "slope") return "biases";
  return isWeighted(node) && hasFewValues(node.quantizer) ? "latent" : undefined;
};

/** PyTorch's num_batches_tracked of one norm. */
export interface BatchCounter {
  readonly name: string;
  count: number;
}

/** The tensors of a running net, by role, for each node that has some. */
export interface NodeTensors {
  readonly parameters: Readonly<Partial<Record<ParameterRole, Parameter>>>;
  /** Buffers, and all tensors of nodes that are not trained. */
  readonly buffers: Readonly<Partial<Record<ParameterRole, StateTensor>>>;
  readonly counter: BatchCounter | null;
}

/** All tensors of a running net. */
export interface NetTensors {
  readonly byNode: ReadonlyMap<string, NodeTensors>;
  /** Parameters and buffers, in PyTorch's order. */
  readonly state: readonly StateTensor[];
  readonly counters: readonly BatchCounter[];
}

/** Where a node is in its net: the keys of its random draws. */
interface Position {
  /** The layers that compute the outputs. */
  readonly heads: ReadonlySet<string>;
  /** Convolutions and dense layers before it. */
  weighted: number;
  /** Norms before it. */
  norms: number;
}

const IS_TRAINED = {
  kernel: "weight",
  bias: "bias",
  gamma: "gamma",
  beta: "beta",
  slope: "slope",
  range: "range",
  scale: "scale",
  threshold: "threshold",
} as const;

/** Whether weight decay applies to a trained range: PACT's clipping level has a penalty (Choi et al. 2018, section 3.2). */
const isDecayedRange = ({ node }: NodeInGraph): boolean =>
  node.kind === "quantize" && node.quantizer.kind === "dorefa" && node.quantizer.learned === "pact";

const START_OF_SLOPES = 0.25;

const initialTensor = (
  { node }: NodeInGraph,
  { role, shape }: ParameterFacts,
  { seed, gammaStart, kernelStart }: InitialValues,
  position: Position,
): tf.Tensor => {
  const size = [...shape];
  const published = node.kind === "dense" || position.heads.has(node.name) ? smallKernel : heKernel;
  const draw = kernelStart === "published" ? published : xavierKernel;
  switch (role) {
    case "kernel": {
      const [outputs, inputs, height, width] = shape as [number, number, number?, number?];
      if (height === undefined || width === undefined) {
        return tf.tidy(() =>
          tf.reshape(draw([1, 1, inputs, outputs], seed, position.weighted), [inputs, outputs]),
        );
      }
      // A net with folded norms is never trained from its initial values.
      return node.kind === "conv" && node.stored === "scaled"
        ? tf.zeros([height, width, inputs, outputs])
        : draw([height, width, inputs, outputs], seed, position.weighted);
    }
    case "gamma": {
      const isFixed = node.kind === "batchNorm" && node.isGammaFixed;
      return initialGamma(shape[0] as number, isFixed ? "ones" : gammaStart, seed, position.norms);
    }
    case "slope":
      return tf.fill(size, START_OF_SLOPES);
    case "variance":
    case "scale":
    case "kernelScale":
      return tf.ones(size);
    case "bias":
      return tf.tensor1d(initialBias(node.name, shape[0] as number));
    case "beta":
    case "mean":
    case "threshold":
    case "counter":
    // A range is chosen when the layer first computes (see learnedRange).
    case "range":
    case "observed":
      return tf.zeros(size);
  }
};

const layoutOf = ({ role, shape }: ParameterFacts): StateTensor["layout"] => {
  if (role !== "kernel") return "vector";
  return shape.length === 2 ? "matrix" : "kernel";
};

/** Whether a node's weights are only for inference: those of a net with folded norms. */
const isFolded = ({ node }: NodeInGraph): boolean => "stored" in node && node.stored === "scaled";

const tensorsOfNode = (
  placed: NodeInGraph,
  initial: InitialValues,
  position: Position,
  { frozen, rateFactors, undecayed }: TrainedParts,
): NodeTensors & { readonly state: readonly StateTensor[] } => {
  const parameters: Partial<Record<ParameterRole, Parameter>> = {};
  const buffers: Partial<Record<ParameterRole, StateTensor>> = {};
  const state: StateTensor[] = [];
  let counter: BatchCounter | null = null;
  for (const facts of parametersOf(placed)) {
    const { role, suffix } = facts;
    const name = `${placed.node.name}.${suffix}`;
    if (role === "counter") {
      counter = { name, count: 0 };
      continue;
    }
    // The scales of folded DoReFa kernels are part of the weights.
    if (role === "kernelScale") continue;
    const value = initialTensor(placed, facts, initial, position);
    const layout = layoutOf(facts);
    const trained = isFolded(placed) ? undefined : IS_TRAINED[role as keyof typeof IS_TRAINED];
    const rateFactor = rateFactors?.get(placed.node.name) ?? 1;
    const part = trained && decayPartOf(placed, trained);
    const tensor = trained
      ? parameter(name, trained, value, {
          layout,
          rateFactor,
          isFrozen: frozen?.has(placed.node.name) ?? false,
          isDecayed:
            role === "range" ? isDecayedRange(placed) : part === undefined || !undecayed?.has(part),
        })
      : { name, layout, value };
    if (trained) parameters[role] = tensor as Parameter;
    else buffers[role] = tensor;
    state.push(tensor);
  }
  return { parameters, buffers, counter, state };
};

/** Creates the tensors of a graph with their initial values: kernels and gammas as `initial` specifies, zero biases and betas. */
export const createTensors = (
  graph: Graph,
  initial: InitialValues,
  parts: TrainedParts = {},
): NetTensors => {
  const byNode = new Map<string, NodeTensors>();
  const [state, counters]: [StateTensor[], BatchCounter[]] = [[], []];
  const position: Position = { heads: headNames(graph), weighted: 0, norms: 0 };
  for (const placed of nodesInGraph(graph)) {
    const tensors = tensorsOfNode(placed, initial, position, parts);
    byNode.set(placed.node.name, tensors);
    state.push(...tensors.state);
    if (tensors.counter) counters.push(tensors.counter);
    if (placed.node.kind === "conv" || placed.node.kind === "dense") position.weighted++;
    if (placed.node.kind === "batchNorm") position.norms++;
  }
  return { byNode, state, counters };
};
