import { QpruneError } from "../base/errors.js";
import { float32Values } from "../formats/safetensors/tensor-values.js";
import { lookUp, type StateDict } from "./net-state.js";

/**
 * The float32 values of a tensor of a state dict, under either sequence name.
 * @throws QpruneError where it is missing, of another type or of another shape.
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
  throw new QpruneError(`${path}: tensor ${name} holds NaN or infinite values.`, {
    hint: "Use a file that was saved before training diverged.",
  });
};
