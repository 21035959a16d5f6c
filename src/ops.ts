/**
 * `qprune/ops`: the ops, quantizers and gradients that training is made of, on tensors of TensorFlow.js. Most programs
 * need none of them.
 */
export { binaryWeightsGradient } from "./quant/tensors/binary-weights.js";
export { constrainWeights } from "./quant/tensors/constrain-weights.js";
export { doReFaWeightsGradient } from "./quant/tensors/dorefa-weights.js";
export {
  type HysteresisBand,
  ternaryAlpha,
  ternaryCodes,
  ternaryThreshold,
} from "./quant/tensors/ternary-weights.js";
export { type Activation, activate, activateGradient } from "./tensor/ops/activation.js";
export { channelShuffle } from "./tensor/ops/channel-shuffle.js";
export {
  type ConvGeometry,
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
} from "./tensor/ops/conv2d.js";
export { type GammaPercentiles, gammaPercentiles } from "./train/gamma-percentiles.js";
export { createAdam } from "./train/optimizers/adam.js";
export {
  createOptimizer,
  type OptimizerChoice,
} from "./train/optimizers/create-optimizer.js";
export type { Optimizer, OptimizerStep } from "./train/optimizers/optimizer.js";
export { addSparsityGradient } from "./train/sparsity.js";
