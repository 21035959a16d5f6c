import { QpruneError } from "../base/errors.js";
import { quoted } from "../base/visible-text.js";
import type { StoredTensor } from "../formats/safetensors/stored-tensor.js";
import { float32Tensor, int64Tensor, numbersOf } from "../formats/safetensors/tensor-values.js";

/** PyTorch's counter of a norm's batches, the only tensor of a net that holds integers. */
const COUNTER = "num_batches_tracked";

const counterTensor = (name: string, shape: readonly number[], values: number[]): StoredTensor => {
  if (values.every(Number.isSafeInteger)) return int64Tensor(shape, values);
  throw new QpruneError(
    `Tensor ${quoted(name)} holds ${values.slice(0, 3)}, and it counts batches.`,
    {
      hint: "Check that it is the right file, or save it again.",
    },
  );
};

/**
 * A tensor of a state dict in the type that a net takes: counters as int64, all others as float32. Half
 * and double precision and integers are converted; what is no number stays as it is.
 * @throws QpruneError for a counter that does not count.
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
