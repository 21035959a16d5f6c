import { isDict, isPlaceholder, type PickleDict, textOf } from "../pickle/pickle-value.js";
import { MAX_METADATA_LENGTH } from "../safetensors/limits.js";
import type { StoredTensor } from "../safetensors/stored-tensor.js";
import { numbersOf } from "../safetensors/tensor-numbers.js";
import { malformed } from "./malformed.js";
import { PTH_KEYS, type PthFile } from "./pth-file.js";
import type { TensorView, TorchObject } from "./tensor-view.js";
import { isCount, isTorch, itemsOf, type TorchValue } from "./torch-value.js";

/** A number, or the only one of a tensor (older scripts of the original divided tensors). */
const numberOf = (
  value: TorchValue | undefined,
  cut: (view: TensorView) => StoredTensor,
): number | undefined => {
  if (typeof value === "number") return value;
  if (!isTorch(value, "tensor") || value.shape.some((side) => side !== 1)) return undefined;
  return numbersOf(cut(value))?.[0];
};

/** The widths that the reference scripts keep; other projects keep settings of any kind under the same key. */
const cfgOf = (
  value: TorchValue | undefined,
  cut: (view: TensorView) => StoredTensor,
  fileName: string,
): readonly number[] | undefined => {
  const widths = itemsOf(value);
  if (widths === undefined && (value === undefined || typeof value === "object")) return undefined;
  if (widths?.some((width) => isPlaceholder(width))) return undefined;
  const numbers = widths?.map((width) => numberOf(width, cut));
  if (numbers?.every(isCount)) return numbers as readonly number[];
  throw malformed(fileName, "its cfg is no list of widths");
};

/** A best accuracy of 0 is what the original starts from before anything is tested. */
const isAccuracy = (value: number | undefined): boolean =>
  value !== undefined && value > 0 && value <= 100;

const metadataOf = (
  value: TorchValue | undefined,
  fileName: string,
): Readonly<Record<string, string>> => {
  if (value === undefined) return {};
  const entries = isDict(value) ? [...value.entries].map(([key, text]) => [key, textOf(text)]) : [];
  const isText = entries.every((entry) => entry.every((part) => typeof part === "string"));
  if (!isDict(value) || !isText || entries.flat().join("").length > MAX_METADATA_LENGTH) {
    throw malformed(fileName, `its key ${PTH_KEYS.metadata} holds no texts of qprune`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
};

/**
 * What stands around a state dict. Other keys (an optimizer's state, say) say nothing of the net.
 * @throws QpruneError where a key that counts holds something else.
 */
export const readWrapper = (
  { entries }: PickleDict<TorchObject>,
  cut: (view: TensorView) => StoredTensor,
  fileName: string,
): Omit<PthFile, "tensors"> => {
  const best = numberOf(entries.get(PTH_KEYS.bestAccuracy), cut);
  return {
    cfg: cfgOf(entries.get(PTH_KEYS.cfg), cut, fileName),
    bestAccuracy: isAccuracy(best) ? best : undefined,
    metadata: metadataOf(entries.get(PTH_KEYS.metadata), fileName),
  };
};
