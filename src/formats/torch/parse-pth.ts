import { MAX_FILE_BYTES } from "../safetensors/limits.js";
import { type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { cutTensor, withSwappedBytes } from "./cut-tensor.js";
import { findStateDict } from "./find-state-dict.js";
import { isZip } from "./is-zip.js";
import { MAX_EXPANSION } from "./limits.js";
import { malformed } from "./malformed.js";
import { parseLegacyCheckpoint } from "./parse-legacy-checkpoint.js";
import { parseZipCheckpoint } from "./parse-zip-checkpoint.js";
import type { PthFile } from "./pth-file.js";
import { readWrapper } from "./read-wrapper.js";
import type { TensorView } from "./tensor-view.js";

/** Refuses tensors that take far more memory than their file, before any of it is allocated. */
const checkTotalBytes = (
  views: Iterable<TensorView>,
  fileBytes: number,
  fileName: string,
): void => {
  const most = Math.min(MAX_FILE_BYTES, MAX_EXPANSION * fileBytes);
  let total = 0;
  for (const { dtype, shape } of views) {
    total += storedBytes(dtype, shape) ?? Number.POSITIVE_INFINITY;
    if (total > most) {
      throw malformed(
        fileName,
        `its tensors take more than ${most} bytes, and the file has ${fileBytes}`,
      );
    }
  }
};

/**
 * Reads the bytes of a checkpoint that torch.save wrote: the zip format or the one before torch 1.6, a
 * state dict alone or in other dicts. Tensors that lie in order are views of `bytes`. What surrounds the state
 * dict may be objects of any class, which stay inert: nothing that the file names is imported or executed.
 * @param nameForErrors what error messages call the file.
 * @param key the dotted path to the state dict, where the file has several dicts of tensors.
 * @throws QpruneError if the bytes are no such file, or it has no one dict of tensors.
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
  const around = wrapper ? readWrapper(wrapper, cut, nameForErrors) : { metadata: {} };
  return { tensors: new Map([...views].map(([name, view]) => [name, cut(view)])), ...around };
};
