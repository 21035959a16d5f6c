/**
 * What runs in a page: quantizers, nets (chains and graphs), and their files. No module of Node.js and no native engine is
 * behind it; the page brings a backend of TensorFlow.js (`@tensorflow/tfjs-backend-cpu`, `-webgl`).
 */

export { QpruneError, type QpruneErrorOptions } from "./base/errors.js";
export { applyState, type StateDict } from "./checkpoint/tensors/net-state.js";
export type { DataSetInfo } from "./data/data-set.js";
export { parseSafetensors } from "./formats/safetensors/parse-safetensors.js";
export type { SafetensorsFile, StoredTensor } from "./formats/safetensors/stored-tensor.js";
export type { NetCost } from "./graph/cost.js";
export { graphCost } from "./graph/cost.js";
export type { Graph, Node } from "./graph/graph.js";
export type {
  ActivationQuantization,
  Quantization,
  WeightQuantization,
} from "./graph/quantizers.js";
export {
  type GraphArchitectureName,
  graphArchitectureNames,
} from "./models/architectures/graph-architectures.js";
export { buildNet } from "./models/build-net.js";
export {
  type ArchitectureName,
  architectureNames,
  type BuiltInOptions,
  builtInSpec,
} from "./models/chains/built-in-chain.js";
export { builtInNets } from "./models/chains/built-in-chains.js";
export { netCost } from "./models/chains/chain-cost.js";
export { type ChainSpec, type ConvSpec, chainSpecSchema } from "./models/chains/chain-spec.js";
export { checkSpec } from "./models/chains/check-chain.js";
export type {
  CompleteDescription,
  NetDescription,
} from "./models/chains/descriptions/chain-description.js";
export {
  type DescribedSpecOptions,
  scaledWidths,
  specFromDescription,
} from "./models/chains/descriptions/chain-from-description.js";
export { readDescription } from "./models/chains/descriptions/read-chain-description.js";
export type { Net } from "./models/net.js";
export { type GraphSpec, graphOf, type NetSpec } from "./models/net-spec.js";
export { type ArchitectureSpecOptions, architectureSpec } from "./passes/architecture-spec.js";
export type { PlacementRules } from "./passes/layer-precisions.js";
export { doReFaActivation } from "./quant/activations/dorefa-activation.js";
export { quantizeBinaryWeights } from "./quant/tensors/binary-weights.js";
export { quantizeDoReFaWeights } from "./quant/tensors/dorefa-weights.js";
export { quantizeTernaryWeights } from "./quant/tensors/ternary-weights.js";
export { type ReadNet, readNet } from "./workflows/nets/read-net.js";
