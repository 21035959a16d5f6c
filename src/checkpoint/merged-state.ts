import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";
import { float32Tensor, float32Vector } from "../formats/safetensors/tensor-values.js";
import { kernelShape } from "../models/kernel-shape.js";
import { keepsInputAffine } from "../models/merged-stage.js";
import type { MergedConv, MergedWeights } from "../models/merged-weights.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { type StateNames, stateNames } from "../models/state-names.js";
import { lookUp, readTensor, type StateDict } from "./net-state.js";

/**
 * The state dict of a merged net: `NAME.weight` and `NAME.bias` of every convolution under its usual name,
 * `NAME.weight_scale` of DoReFa kernels, and `NORM.scale`, `NORM.threshold` where a norm stays in front.
 */
export const mergedState = (spec: NetSpec, weights: MergedWeights): StateDict =>
  new Map(
    weights.flatMap((conv, at): (readonly [string, StoredTensor])[] => {
      const { conv: name, norm } = stateNames(spec)[at] as StateNames;
      return [
        ...(conv.input
          ? ([
              [`${norm}.scale`, float32Vector(conv.input.scale)],
              [`${norm}.threshold`, float32Vector(conv.input.threshold)],
            ] as const)
          : []),
        [`${name}.weight`, float32Tensor(kernelShape(spec, at), conv.kernel)],
        ...(conv.kernelScale
          ? ([[`${name}.weight_scale`, float32Vector(conv.kernelScale)]] as const)
          : []),
        [`${name}.bias`, float32Vector(conv.bias)],
      ];
    }),
  );

/**
 * Reads a merged net as plain numbers.
 * @throws QpruneError naming the first tensor that is missing or has another shape than the spec says.
 */
export const readMergedWeights = (
  { state, path }: { readonly state: StateDict; readonly path: string },
  spec: NetSpec,
): MergedWeights =>
  stateNames(spec).map(({ conv, norm }, at): MergedConv => {
    const { width } = spec.convs[at] as ConvSpec;
    const channels = inputChannels(spec, at);
    const read = (name: string, shape: readonly number[]) => readTensor(state, name, shape, path);
    const scaleName = `${conv}.weight_scale`;
    return {
      kernel: read(`${conv}.weight`, kernelShape(spec, at)),
      bias: read(`${conv}.bias`, [width]),
      kernelScale: lookUp(state, scaleName) ? read(scaleName, [width]) : null,
      input: keepsInputAffine(spec, at)
        ? {
            scale: read(`${norm}.scale`, [channels]),
            threshold: read(`${norm}.threshold`, [channels]),
          }
        : null,
    };
  });
