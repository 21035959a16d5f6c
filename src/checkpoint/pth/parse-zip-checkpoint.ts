import { readPickle } from "../../formats/pickle/read-pickle.js";
import { readStoredZip } from "../../formats/zip/read-stored-zip.js";
import { MAX_NAME_LENGTH } from "../safetensors/limits.js";
import { DTYPE_BYTES } from "../safetensors/stored-tensor.js";
import { MAX_ZIP_ENTRIES } from "./limits.js";
import { malformed } from "./malformed.js";
import type { RawCheckpoint, StorageRef } from "./tensor-view.js";
import { torchDialect } from "./torch-dialect.js";
import type { TorchValue } from "./torch-value.js";

const PICKLE = /^[^/]+\/data\.pkl$/;

/** The folder in the archive that holds everything, with its slash; torch.save names it after the file. */
const archiveFolder = (entries: ReadonlyMap<string, Uint8Array>, fileName: string): string => {
  const pickles = [...entries.keys()].filter((name) => PICKLE.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw malformed(
      fileName,
      `its archive has ${pickles.length} pickles (FOLDER/data.pkl), not one`,
    );
  }
  const folder = pickle.slice(0, pickle.indexOf("/") + 1);
  if (entries.has(`${folder}constants.pkl`)) {
    const reason = "it is a TorchScript archive, which holds code beside tensors";
    throw malformed(fileName, reason, { isForeign: true });
  }
  return folder;
};

const checkByteOrder = (order: Uint8Array | undefined, fileName: string): void => {
  if (order === undefined || Buffer.from(order).toString("latin1") === "little") return;
  throw malformed(fileName, "its numbers are not little-endian");
};

/**
 * Reads the zip format, which torch.save has written since 1.6: one folder with the pickle `data.pkl` and a
 * file `data/KEY` for each storage.
 * @throws QpruneError for an archive that is damaged or holds anything but data.
 */
export const parseZipCheckpoint = async (
  bytes: Uint8Array,
  fileName: string,
): Promise<RawCheckpoint<TorchValue>> => {
  const entries = await readStoredZip(bytes, {
    maxEntries: MAX_ZIP_ENTRIES,
    maxNameLength: MAX_NAME_LENGTH,
    refuse: (reason, cause) => malformed(fileName, reason, { cause }),
  });
  const folder = archiveFolder(entries, fileName);
  checkByteOrder(entries.get(`${folder}byteorder`), fileName);
  const bytesOf = (key: string): Uint8Array => {
    const content = entries.get(`${folder}data/${key}`);
    if (!content) throw malformed(fileName, `storage ${JSON.stringify(key)} is missing`);
    return content;
  };
  const checkStorage = ({ key, dtype, elements }: StorageRef): void => {
    const [needed, found] = [elements * DTYPE_BYTES[dtype], bytesOf(key).length];
    if (needed === found) return;
    const reason = `storage ${JSON.stringify(key)} has ${found} bytes, not ${needed} (${elements} of ${dtype})`;
    throw malformed(fileName, reason);
  };
  const pickle = entries.get(`${folder}data.pkl`) as Uint8Array;
  const { value, end } = readPickle(pickle, 0, torchDialect(fileName, checkStorage));
  if (end < pickle.length) {
    throw malformed(fileName, `${pickle.length - end} bytes follow its pickle`);
  }
  return { root: value, bytesOf };
};
