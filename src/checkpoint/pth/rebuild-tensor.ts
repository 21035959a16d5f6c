import type { QpruneError } from "../../core/errors.js";
import type { GlobalRule } from "../../formats/pickle/pickle-dialect.js";
import { isTuple } from "../../formats/pickle/pickle-value.js";
import { MAX_DIMS } from "../safetensors/limits.js";
import type { TensorView, TorchObject } from "./tensor-view.js";
import { isCount, isTorch, type TorchValue } from "./torch-value.js";

type Refuse = (reason: string) => QpruneError;

const countsOf = (value: TorchValue | undefined, refuse: Refuse): readonly number[] => {
  if (isTuple(value) && value.items.length <= MAX_DIMS && value.items.every(isCount)) {
    return value.items as readonly number[];
  }
  throw refuse(`the shape or the strides of a tensor are no tuple of at most ${MAX_DIMS} counts`);
};

/** The element behind the last one that a view reads; undefined where that is no safe integer. */
const endOf = ({ shape, strides, offset }: TensorView): number | undefined => {
  if (shape.includes(0)) return offset;
  const last = shape.reduce((sum, side, at) => sum + (side - 1) * (strides[at] as number), offset);
  return Number.isSafeInteger(last + 1) ? last + 1 : undefined;
};

/** torch._utils._rebuild_tensor_v2: a tensor as a view of its storage. */
export const rebuildTensor = (refuse: Refuse): GlobalRule<TorchObject> => ({
  // Whether it has a gradient, and hooks, follow; a file of weights has no use for them.
  call: ([storage, offset, shapeValue, stridesValue]) => {
    if (!isTorch(storage, "storage") || !isCount(offset)) {
      throw refuse("a tensor has no storage, or no place in it");
    }
    const [shape, strides] = [countsOf(shapeValue, refuse), countsOf(stridesValue, refuse)];
    if (shape.length !== strides.length) {
      throw refuse(`a tensor of shape [${shape}] has strides [${strides}]`);
    }
    const view: TensorView = { kind: "tensor", storage, shape, strides, offset };
    const end = endOf(view);
    if (end === undefined || end > storage.elements) {
      throw refuse(
        `a tensor of shape [${shape}] with strides [${strides}] from ${offset} on does not fit into its storage of ${storage.elements} elements`,
      );
    }
    return view;
  },
});

/** torch._utils._rebuild_parameter: the tensor of a parameter. */
export const rebuildParameter = (refuse: Refuse): GlobalRule<TorchObject> => ({
  call: ([data]) => {
    if (isTorch(data, "tensor")) return data;
    throw refuse("a parameter is made of what is no tensor");
  },
});
