import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";
import { float32Tensor, float32Vector } from "../formats/safetensors/tensor-values.js";
import { keepsInputAffine } from "../models/chain-to-graph.js";
import { kernelShape } from "../models/kernel-shape.js";
import type { MergedConv, MergedWeights } from "../models/merged-weights.js";
import { type ConvSpec, inputChannels, type NetSpec } from "../models/spec.js";
import { type StateNames, stateNames } from "../models/state-names.js";
import { lookUp, readTensor, type StateDict } from "./net-state.js";

/**
 * The state dict of a net with folded batch norms: `NAME.weight` and `NAME.bias` of every convolution under its usual
 * name, `NAME.weight_scale` of DoReFa kernels, and `NORM.scale`, `NORM.threshold` of norms that remain before a
 * convolution.
 */
export const mergedState = (spec: NetSpec, weights: MergedWeights): StateDict =>
  new Map(
    weights.flatMap((conv, index): (readonly [string, StoredTensor])[] => {
      const { conv: name, norm } = stateNames(spec)[index] as StateNames;
      return [
        ...(conv.input
          ? ([
              [`${norm}.scale`, float32Vector(conv.input.scale)],
              [`${norm}.threshold`, float32Vector(conv.input.threshold)],
            ] as const)
          : []),
        [`${name}.weight`, float32Tensor(kernelShape(spec, index), conv.kernel)],
        ...(conv.kernelScale
          ? ([[`${name}.weight_scale`, float32Vector(conv.kernelScale)]] as const)
          : []),
        [`${name}.bias`, float32Vector(conv.bias)],
      ];
    }),
  );

/**
 * Reads the weights of a net with folded batch norms as plain numbers.
 * @throws QpruneError naming the first tensor that is missing or does not have the shape of the spec.
 */
export const readMergedWeights = (
  { state, path }: { readonly state: StateDict; readonly path: string },
  spec: NetSpec,
): MergedWeights =>
  stateNames(spec).map(({ conv, norm }, index): MergedConv => {
    const { width } = spec.convs[index] as ConvSpec;
    const channels = inputChannels(spec, index);
    const read = (name: string, shape: readonly number[]) => readTensor(state, name, shape, path);
    const scaleName = `${conv}.weight_scale`;
    return {
      kernel: read(`${conv}.weight`, kernelShape(spec, index)),
      bias: read(`${conv}.bias`, [width]),
      kernelScale: lookUp(state, scaleName) ? read(scaleName, [width]) : null,
      input: keepsInputAffine(spec, index)
        ? {
            scale: read(`${norm}.scale`, [channels]),
            threshold: read(`${norm}.threshold`, [channels]),
          }
        : null,
    };
  });
