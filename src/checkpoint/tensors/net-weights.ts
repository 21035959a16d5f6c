import { QpruneError } from "../../base/errors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import {
  float32Tensor,
  float32Vector,
  int64Tensor,
} from "../../formats/safetensors/tensor-values.js";
import { type ChainSpec, type ConvSpec, inputChannels } from "../../models/chains/chain-spec.js";
import type { ConvWeights, NetWeights } from "../../models/chains/conv-weights.js";
import { kernelShape } from "../../models/chains/kernel-shape.js";
import { type StateNames, stateNames } from "../../models/chains/state-names.js";
import type { Checkpoint } from "../checkpoint.js";
import { type PackedCodes, packKernelCodes, storedCodesOf } from "./hysteresis-codes.js";
import { readTensor, type StateDict } from "./net-state.js";

/** Whether the norm of convolution `at` comes before it. */
const isNormFirst = ({ order }: ChainSpec, index: number): boolean =>
  order === "norm-activation-conv" && index > 0;

const hasAffine = (spec: ChainSpec, index: number): boolean =>
  spec.order === "conv-norm-activation" || (index > 0 && index < spec.convs.length - 1);

/**
 * Reads the weights of a checkpoint as plain numbers, without an engine.
 * @throws QpruneError naming the first tensor that is missing or does not have the shape of the spec.
 */
export const readNetWeights = (
  checkpoint: Pick<Checkpoint, "state" | "path" | "manifest">,
  spec: ChainSpec,
): NetWeights => {
  const { state, path, manifest } = checkpoint;
  const read = (name: string, shape: readonly number[]): Float32Array =>
    readTensor(state, name, shape, path);
  const variance = (name: string, channels: number): Float32Array => {
    const values = read(name, [channels]);
    if (values.every((value) => value >= 0)) return values;
    throw new QpruneError(`${path}: tensor ${name} contains negative variances.`, {
      hint: "Use another copy of the file: this one is damaged.",
    });
  };
  return stateNames(spec).map(({ conv, norm }, index): ConvWeights => {
    const { width } = spec.convs[index] as ConvSpec;
    const channels = isNormFirst(spec, index) ? inputChannels(spec, index) : width;
    const vector = (name: string) => read(`${norm}.${name}`, [channels]);
    const kernel = read(`${conv}.weight`, kernelShape(spec, index));
    const codes = storedCodesOf(manifest?.ternaryCodes, `${conv}.weight`, kernel.length);
    return {
      kernel,
      bias: read(`${conv}.bias`, [width]),
      affine: hasAffine(spec, index) ? { gamma: vector("weight"), beta: vector("bias") } : null,
      movingMean: vector("running_mean"),
      movingVariance: variance(`${norm}.running_var`, channels),
      ...(codes && { codes }),
    };
  });
};

type Entries = readonly (readonly [string, StoredTensor])[];

const normEntries = (name: string, conv: ConvWeights): Entries => [
  ...(conv.affine
    ? ([
        [`${name}.weight`, float32Vector(conv.affine.gamma)],
        [`${name}.bias`, float32Vector(conv.affine.beta)],
      ] as const)
    : []),
  [`${name}.running_mean`, float32Vector(conv.movingMean)],
  [`${name}.running_var`, float32Vector(conv.movingVariance)],
  [`${name}.num_batches_tracked`, int64Tensor([], [0])],
];

/** The state dict of a net's weights, with PyTorch's names and order; batch counters are 0. */
export const weightsState = (spec: ChainSpec, weights: NetWeights): StateDict =>
  new Map(
    weights.flatMap((conv, index): Entries => {
      const names = stateNames(spec)[index] as StateNames;
      const kernel = float32Tensor(kernelShape(spec, index), conv.kernel);
      const own: Entries = [
        [`${names.conv}.weight`, kernel],
        [`${names.conv}.bias`, float32Vector(conv.bias)],
      ];
      const norm = normEntries(names.norm, conv);
      return isNormFirst(spec, index) ? [...norm, ...own] : [...own, ...norm];
    }),
  );

/** The hysteresis state of a net's weights, packed for a file's metadata; undefined if there is none. */
export const weightsCodes = (spec: ChainSpec, weights: NetWeights): PackedCodes | undefined => {
  const entries = stateNames(spec).flatMap(({ conv }, index) => {
    const codes = weights[index]?.codes;
    return codes ? [[`${conv}.weight`, packKernelCodes(codes)] as const] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};
