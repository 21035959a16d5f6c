import type { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { readPickle } from "../pickle/read-pickle.js";
import { MAX_NAME_LENGTH } from "../safetensors/limits.js";
import { readStoredZip } from "../zip/read-stored-zip.js";
import { MAX_ZIP_ENTRIES } from "./limits.js";
import { malformed } from "./pth-file.js";
import { torchDialect } from "./torch-dialect.js";
import type { RawCheckpoint, StorageRef, TorchValue } from "./torch-value.js";

/** Entries of an unknown archive that an error message lists. */
const MAX_SHOWN_NAMES = 4;
const PICKLE = /^[^/]+\/data\.pkl$/;

const TORCH_SCRIPT =
  "Save the state dict of the model in Python: torch.save(torch.jit.load(FILE).state_dict(), OTHER).";

/** The error for a zip archive that was not written by torch.save. */
const otherArchive = (names: readonly string[], fileName: string): QpruneError => {
  if (names.length > 0 && names.every((name) => name.endsWith(".npy"))) {
    const hint = "Save the weights with torch.save or as a safetensors file.";
    return malformed(fileName, "it is an archive of NumPy arrays (.npz)", { hint });
  }
  if (names.includes("model.weights.h5")) {
    return malformed(fileName, "it is a Keras model (.keras)", { isForeign: true });
  }
  const shown = names.slice(0, MAX_SHOWN_NAMES).map(quoted).join(", ");
  const more = names.length > MAX_SHOWN_NAMES ? ", …" : "";
  const hint = "If the checkpoint is inside, unpack the archive and give that file.";
  const reason = `it is a zip archive without FOLDER/data.pkl, which torch.save writes (it has ${shown || "no entries"}${more})`;
  return malformed(fileName, reason, { hint });
};

/** The archive's only folder, with a trailing slash; torch.save names it after the file. */
const archiveFolder = (names: ReadonlySet<string>, fileName: string): string => {
  const pickles = [...names].filter((name) => PICKLE.test(name));
  const [pickle] = pickles;
  if (pickle === undefined) throw otherArchive([...names], fileName);
  if (pickles.length > 1) {
    throw malformed(
      fileName,
      `its archive has ${pickles.length} pickles (FOLDER/data.pkl), not one`,
    );
  }
  const folder = pickle.slice(0, pickle.indexOf("/") + 1);
  if (names.has(`${folder}constants.pkl`)) {
    const reason = "it is a TorchScript archive, which contains code besides tensors";
    throw malformed(fileName, reason, { hint: TORCH_SCRIPT });
  }
  return folder;
};

const isBigEndianOrder = (order: Uint8Array | undefined, fileName: string): boolean => {
  const text = order === undefined ? "little" : Buffer.from(order).toString("latin1");
  if (text === "little" || text === "big") return text === "big";
  throw malformed(fileName, "its byte order is neither little nor big");
};

/**
 * Parses the zip format, which torch.save has written since 1.6: one folder with the pickle `data.pkl` and a file
 * `data/KEY` for each storage.
 * @throws QpruneError for an archive that is damaged or contains anything but data.
 */
export const parseZipCheckpoint = async (
  bytes: Uint8Array,
  fileName: string,
): Promise<RawCheckpoint<TorchValue>> => {
  let folder = "";
  const entries = await readStoredZip(bytes, {
    checkNames: (names) => {
      folder = archiveFolder(names, fileName);
    },
    maxEntries: MAX_ZIP_ENTRIES,
    maxNameLength: MAX_NAME_LENGTH,
    refuse: (reason, cause) => malformed(fileName, reason, { cause }),
  });
  const isBigEndian = isBigEndianOrder(entries.get(`${folder}byteorder`), fileName);
  const bytesOf = (key: string): Uint8Array => {
    const content = entries.get(`${folder}data/${key}`);
    if (!content) throw malformed(fileName, `storage ${quoted(key)} is missing`);
    return content;
  };
  const checkStorage = ({ key, type, elements }: StorageRef): void => {
    const [needed, found] = [elements * type.elementBytes, bytesOf(key).length];
    if (needed === found) return;
    const reason = `storage ${quoted(key)} has ${found} bytes, not ${needed} (${elements} elements of ${type.shown})`;
    throw malformed(fileName, reason);
  };
  const pickle = entries.get(`${folder}data.pkl`) as Uint8Array;
  const { value, end } = readPickle(pickle, 0, torchDialect(fileName, checkStorage));
  if (end < pickle.length) {
    throw malformed(fileName, `${pickle.length - end} bytes follow its pickle`);
  }
  return { root: value, bytesOf, isBigEndian };
};
