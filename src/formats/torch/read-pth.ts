import { type OpenFile, withOpenFile } from "../../files/reading/with-open-file.js";
import { isDict, isPlaceholder, type PickleDict, textOf } from "../pickle/pickle-value.js";
import { MAX_FILE_BYTES, MAX_METADATA_LENGTH } from "../safetensors/limits.js";
import { type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { numbersOf } from "../safetensors/tensor-values.js";
import { cutTensor, withSwappedBytes } from "./cut-tensor.js";
import { findStateDict } from "./find-state-dict.js";
import { MAX_EXPANSION } from "./limits.js";
import { parseLegacyCheckpoint } from "./parse-legacy-checkpoint.js";
import { parseZipCheckpoint } from "./parse-zip-checkpoint.js";
import { isZip, malformed, PTH_KEYS, type PthFile } from "./pth-file.js";
import {
  isCount,
  isTorch,
  itemsOf,
  type TensorView,
  type TorchObject,
  type TorchValue,
} from "./torch-value.js";

/** A number, or the only element of a tensor (older reference scripts divided tensors). */
const numberOf = (
  value: TorchValue | undefined,
  cut: (view: TensorView) => StoredTensor,
): number | undefined => {
  if (typeof value === "number") return value;
  if (!isTorch(value, "tensor") || value.shape.some((side) => side !== 1)) return undefined;
  return numbersOf(cut(value))?.[0];
};

/** The widths that the reference scripts store. Other projects store other settings under the same key. */
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
  throw malformed(fileName, "its cfg is not a list of widths");
};

/** The reference scripts start from a best accuracy of 0 before anything is tested. */
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
    throw malformed(fileName, `its key ${PTH_KEYS.metadata} does not contain qprune's metadata`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
};

/**
 * Reads the known keys around a state dict; others, such as an optimizer's state, do not concern the net.
 * @throws QpruneError if a known key has an invalid value.
 */
const readWrapper = (
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

/** Refuses tensors that need far more memory than their file (CWE-409), before any of it is allocated. */
const checkTotalBytes = (
  views: Iterable<TensorView>,
  fileBytes: number,
  fileName: string,
): void => {
  const limit = Math.min(MAX_FILE_BYTES, MAX_EXPANSION * fileBytes);
  let total = 0;
  for (const { dtype, shape } of views) {
    total += storedBytes(dtype, shape) ?? Number.POSITIVE_INFINITY;
    if (total > limit) {
      throw malformed(
        fileName,
        `its tensors need more than ${limit} bytes, but the file has ${fileBytes}`,
      );
    }
  }
};

/**
 * Parses the bytes of a checkpoint written by torch.save: the zip format or the one before torch 1.6, a state dict
 * alone or nested in other dicts. Contiguous tensors are views of `bytes`. Objects of any class may surround the
 * state dict; they stay inert, and nothing that the file names is imported or executed.
 * @param nameForErrors the file's name in error messages.
 * @param key the dotted path to the state dict, for files with several dicts of tensors.
 * @throws QpruneError if the bytes are not such a file, or do not have exactly one dict of tensors.
 */
export const parsePth = async (
  bytes: Uint8Array,
  nameForErrors: string,
  key?: string,
): Promise<PthFile> => {
  const { root, bytesOf, isBigEndian } = isZip(bytes)
    ? await parseZipCheckpoint(bytes, nameForErrors)
    : parseLegacyCheckpoint(bytes, nameForErrors);
  const { views, wrapper } = findStateDict(root, { fileName: nameForErrors, key });
  checkTotalBytes(views.values(), bytes.length, nameForErrors);
  const cut = (view: TensorView): StoredTensor => {
    const tensor = cutTensor(view, bytesOf(view.storage.key));
    return isBigEndian ? withSwappedBytes(tensor) : tensor;
  };
  const aboutNet = wrapper ? readWrapper(wrapper, cut, nameForErrors) : { metadata: {} };
  return { tensors: new Map([...views].map(([name, view]) => [name, cut(view)])), ...aboutNet };
};

/** Reads an open file written by torch.save. @throws QpruneError if it is not valid (see parsePth). */
export const readOpenPth = async (
  { path, size, read }: OpenFile,
  key?: string,
): Promise<PthFile> => {
  if (size > MAX_FILE_BYTES) {
    throw malformed(path, `it has ${size} bytes (limit: ${MAX_FILE_BYTES})`);
  }
  return parsePth(await read(0, size), path, key);
};

/**
 * Reads a checkpoint written by torch.save (see parsePth).
 * @throws QpruneError if the file cannot be read or is not valid.
 */
export const readPth = (path: string, key?: string): Promise<PthFile> =>
  withOpenFile(path, (file) => readOpenPth(file, key));
