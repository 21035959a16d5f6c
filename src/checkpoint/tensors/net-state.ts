import { QpruneError } from "../../base/errors.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import {
  float32Tensor,
  float32Values,
  int64Tensor,
  int64Values,
} from "../../formats/safetensors/tensor-values.js";
import { sequenceNames } from "../../models/chains/chain-spec.js";
import type { Net } from "../../models/net.js";
import { replaceValue, type StateTensor } from "../../models/parameter.js";
import { tf } from "../../tensor/tf.js";
import { fromOihw, type KernelShape, toOihw } from "./kernel-layout.js";

/** A net's tensors by PyTorch's names. */
export type StateDict = ReadonlyMap<string, StoredTensor>;

const toStored = ({ layout, value }: StateTensor): StoredTensor => {
  const values = value.dataSync() as Float32Array;
  if (layout === "vector") return float32Tensor(value.shape, values);
  if (layout === "matrix") {
    const [inputs, outputs] = value.shape as [number, number];
    return float32Tensor([outputs, inputs], toOihw(values, [1, 1, inputs, outputs]));
  }
  const [kh, kw, inputs, outputs] = value.shape as unknown as KernelShape;
  return float32Tensor([outputs, inputs, kh, kw], toOihw(values, [kh, kw, inputs, outputs]));
};

/** The net's state dict with PyTorch's names, order and OIHW kernels. */
export const netState = (net: Net): StateDict => {
  const entries = new Map(net.state.map((state) => [state.name, toStored(state)]));
  // PyTorch puts the batch counter of a norm after its running variance.
  const ordered = new Map<string, StoredTensor>();
  for (const [name, tensor] of entries) {
    ordered.set(name, tensor);
    if (!name.endsWith(".running_var")) continue;
    const counterName = name.replace(/running_var$/, "num_batches_tracked");
    const counter = net.batchCounters.find((each) => each.name === counterName);
    if (counter) ordered.set(counterName, int64Tensor([], [counter.count]));
  }
  return ordered;
};

/** A tensor of a state dict by name, with either prefix. */
export const lookUp = (state: StateDict, name: string): StoredTensor | undefined => {
  const [prefix, rest] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf("."))];
  const own = state.get(name);
  if (own || !sequenceNames.some((each) => each === prefix)) return own;
  return sequenceNames.map((each) => state.get(each + rest)).find(Boolean);
};

const shapeOnDisk = ({ layout, value }: StateTensor): readonly number[] => {
  if (layout !== "kernel") return layout === "vector" ? value.shape : [...value.shape].reverse();
  const [kh, kw, inputs, outputs] = value.shape as unknown as KernelShape;
  return [outputs, inputs, kh, kw];
};

/** Numbers on disk in the order of a tensor in memory. */
const inMemory = ({ layout, value }: StateTensor, read: Float32Array): Float32Array => {
  if (layout === "vector") return read;
  const sides = layout === "matrix" ? [1, 1, ...value.shape] : value.shape;
  return fromOihw(read, sides as unknown as KernelShape);
};

/**
 * Loads a state dict, with either prefix, into a net, whose training passes are then those that its first norm counted.
 * If a tensor does not fit, the net stays unchanged.
 * @throws QpruneError naming the first tensor that is missing or has another shape.
 */
export const applyState = (net: Net, state: StateDict, path: string): void => {
  const values = net.state.map((target) => {
    const tensor = lookUp(state, target.name);
    const expected = shapeOnDisk(target);
    if (!tensor) throw new QpruneError(`${path}: tensor ${target.name} is missing.`);
    if (String(tensor.shape) !== String(expected)) {
      throw new QpruneError(
        `${path}: tensor ${target.name} has shape [${tensor.shape}], but the net needs [${expected}].`,
      );
    }
    const read = float32Values(tensor, target.name);
    return inMemory(target, read);
  });
  const counts = net.batchCounters.map(({ name }) => {
    const tensor = lookUp(state, name);
    return tensor ? (int64Values(tensor, name)[0] ?? 0) : 0;
  });
  net.state.forEach((target, index) => {
    replaceValue(target, tf.tensor(values[index] as Float32Array, target.value.shape));
  });
  net.batchCounters.forEach((counter, index) => {
    counter.count = counts[index] as number;
  });
  net.trainingPasses.count = counts[0] ?? 0;
};

/**
 * The float32 values of a tensor of a state dict, with either prefix.
 * @throws QpruneError if it is missing or has another dtype or shape, or values that are not finite.
 */
export const readTensor = (
  state: StateDict,
  name: string,
  shape: readonly number[],
  path: string,
): Float32Array => {
  const tensor = lookUp(state, name);
  if (!tensor) throw new QpruneError(`${path}: tensor ${name} is missing.`);
  if (String(tensor.shape) !== String(shape)) {
    throw new QpruneError(
      `${path}: tensor ${name} has shape [${tensor.shape}], but the net needs [${shape}].`,
    );
  }
  const values = float32Values(tensor, name);
  if (values.every(Number.isFinite)) return values;
  throw new QpruneError(`${path}: tensor ${name} contains NaN or infinite values.`, {
    hint: "Use a file that was saved before training diverged.",
  });
};
