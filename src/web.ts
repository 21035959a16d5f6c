/**
 * What runs in a page: ops, quantizers, nets, and safetensors. No module of Node.js and no native engine is
 * behind it; the page brings a backend of TensorFlow.js (`@tensorflow/tfjs-backend-cpu`, `-webgl`).
 */

export { QpruneError, type QpruneErrorOptions } from "./base/errors.js";
export { applyState, type StateDict } from "./checkpoint/net-state.js";
export { parseSafetensors } from "./formats/safetensors/parse-safetensors.js";
export type { SafetensorsFile, StoredTensor } from "./formats/safetensors/stored-tensor.js";
export type {
  ActivationQuantization,
  Quantization,
  WeightQuantization,
} from "./graph/quantizers.js";
export {
  type ArchitectureName,
  architectureNames,
  type BuiltInOptions,
  builtInSpec,
} from "./models/architectures.js";
export { buildNet } from "./models/build-net.js";
export { builtInNets } from "./models/built-in-nets.js";
export { type ChainSpec, type ConvSpec, chainSpecSchema } from "./models/chain-spec.js";
export { checkSpec } from "./models/check-spec.js";
export type { Net } from "./models/net.js";
export { type NetCost, netCost } from "./models/net-cost.js";
export type { CompleteDescription, NetDescription } from "./models/net-description.js";
export { readDescription } from "./models/read-description.js";
export {
  type DescribedSpecOptions,
  scaledWidths,
  specFromDescription,
} from "./models/spec-from-description.js";
export { doReFaActivation } from "./quant/dorefa-activation.js";
export { quantizeBinaryWeights } from "./quant/tensors/binary-weights.js";
export { quantizeDoReFaWeights } from "./quant/tensors/dorefa-weights.js";
export { quantizeTernaryWeights } from "./quant/tensors/ternary-weights.js";
