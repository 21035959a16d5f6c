import type { StoredTensor } from "../../formats/safetensors/stored-tensor.js";
import { numbersOf } from "../../formats/safetensors/tensor-values.js";
import type { FloatTensor } from "../../graph/model.js";
import { Unsupported } from "../unsupported.js";
import type { StridedView } from "./strided-view.js";

/** Numbers that do not depend on the images. */
export interface Constant {
  readonly kind: "constant";
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  /** Whether they are floats; integers and truth values otherwise. */
  readonly isFloat: boolean;
}

/** What the net computes. */
export interface Computed extends StridedView {
  readonly kind: "computed";
}

/** A value of another program's net. */
export type Value = Constant | Computed;

export const computed = (view: StridedView): Computed => ({ kind: "computed", ...view });

/** Integers, [n] or a scalar. */
export const integers = (values: readonly number[], dims: readonly number[] = [values.length]) =>
  ({ kind: "constant", dims, values, isFloat: false }) satisfies Constant;

const FLOATS: ReadonlySet<string> = new Set(["F32", "F16", "BF16", "F64"]);

/** A stored tensor as a constant. */
export const constantOf = (tensor: StoredTensor): Constant => {
  const values = numbersOf(tensor);
  if (!values) throw new Unsupported(`has numbers of type ${tensor.dtype}`);
  return { kind: "constant", dims: tensor.shape, values, isFloat: FLOATS.has(tensor.dtype) };
};

/** A constant as a tensor of a net, with another shape if one is given. */
export const floatTensorOf = (
  { dims, values }: Constant,
  shape: readonly number[] = dims,
): FloatTensor => ({
  kind: "float",
  shape,
  values: values instanceof Float32Array ? values : Float32Array.from(values),
});
