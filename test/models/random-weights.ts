import { randomUnit } from "../../src/base/random.js";
import {
  type ChainSpec,
  type ConvSpec,
  inputChannels,
} from "../../src/models/chains/chain-spec.js";
import { kernelShape } from "../../src/models/chains/kernel-shape.js";
import type { ConvWeights, NetWeights } from "./conv-weights.js";

/**
 * Numbers for a net of either order: kernels in [-1, 1] with small and large filters, gammas of both signs
 * and some of 0, variances above 0.2.
 */
export const randomWeights = (spec: ChainSpec, seed: number): NetWeights =>
  spec.convs.map((conv: ConvSpec, at): ConvWeights => {
    const isNormInFront = spec.order === "norm-activation-conv" && at > 0;
    const channels = isNormInFront ? inputChannels(spec, at) : conv.width;
    const isOuter = at === 0 || at === spec.convs.length - 1;
    const draw = (length: number, what: number, scale = 1): Float32Array =>
      Float32Array.from({ length }, (_, i) => scale * (2 * randomUnit(seed, at, what, i) - 1));
    const count = kernelShape(spec, at).reduce((product, side) => product * side, 1);
    const affine = {
      gamma: draw(channels, 2, 1.5).map((gamma, i) => (i % 7 === 3 ? 0 : gamma)),
      beta: draw(channels, 3, 0.5),
    };
    return {
      kernel: draw(count, 0).map((weight) => weight ** 3),
      bias: draw(conv.width, 1, 0.5),
      affine: spec.order === "norm-activation-conv" && isOuter ? null : affine,
      movingMean: draw(channels, 4, 0.5),
      movingVariance: draw(channels, 5, 0.4).map((value) => value + 0.6),
    };
  });
