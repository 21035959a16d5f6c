import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { float32Tensor, int64Tensor, numbersOf } from "../../formats/safetensors/tensor-values.js";

/** PyTorch's counter of the batches that a norm has seen, the only integer tensor of a net. */
const COUNTER = "num_batches_tracked";

const counterTensor = (name: string, shape: readonly number[], values: number[]): StoredTensor => {
  if (values.every(Number.isSafeInteger)) return int64Tensor(shape, values);
  throw new QpruneError(
    `Tensor ${quoted(name)} contains ${values.slice(0, 3)}, but it counts batches.`,
    { hint: "Check that it is the right file, or save it again." },
  );
};

/**
 * Converts a tensor of a state dict to the dtype that a net uses: int64 for counters, float32 for all others.
 * Dtypes that are not plain numbers are left unchanged.
 * @throws QpruneError for a counter that is not an integer.
 */
export const asNetTensor = (name: string, tensor: StoredTensor): StoredTensor => {
  const isCounter = name.endsWith(COUNTER);
  if (tensor.dtype === (isCounter ? "I64" : "F32")) return tensor;
  const numbers = numbersOf(tensor);
  if (!numbers) return tensor;
  return isCounter
    ? counterTensor(name, tensor.shape, Array.from(numbers))
    : float32Tensor(tensor.shape, Float32Array.from(numbers));
};
