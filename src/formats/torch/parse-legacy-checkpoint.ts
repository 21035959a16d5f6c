import { quoted } from "../../base/visible-text.js";
import { isDict, textOf } from "../pickle/pickle-value.js";
import { readPickle } from "../pickle/read-pickle.js";
import { malformed } from "./pth-file.js";
import { torchDialect } from "./torch-dialect.js";
import type { RawCheckpoint, StorageRef, TorchValue } from "./torch-value.js";

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
/** The number of elements, an int64, precedes those of each storage. */
const COUNT_BYTES = 8;

/** Storages are always little-endian, whatever the file records about the machine that wrote it. */
const checkSystem = (system: TorchValue, fileName: string): void => {
  if (isDict(system)) return;
  throw malformed(fileName, "it does not describe the machine that wrote it");
};

/** Splits the bytes from `start` on into the storages listed by `keys`, which must cover them exactly. */
const splitStorages = (
  bytes: Uint8Array,
  start: number,
  { keys, storages, fileName }: LegacyStorages,
): Map<string, Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cut = new Map<string, Uint8Array>();
  let offset = start;
  for (const key of keys) {
    const shown = quoted(key);
    const storage = storages.get(key);
    if (!storage || cut.has(key)) {
      throw malformed(fileName, `storage ${shown} is ${storage ? "listed twice" : "not used"}`);
    }
    const begin = offset + COUNT_BYTES;
    const end = begin + storage.elements * storage.type.elementBytes;
    if (end > bytes.length) throw malformed(fileName, `storage ${shown} ends early`);
    if (view.getBigInt64(offset, true) !== BigInt(storage.elements)) {
      throw malformed(
        fileName,
        `storage ${shown} does not have the ${storage.elements} elements that the pickle declares`,
      );
    }
    cut.set(key, bytes.subarray(begin, end));
    offset = end;
  }
  if (offset < bytes.length) {
    throw malformed(fileName, `${bytes.length - offset} bytes follow its last storage`);
  }
  return cut;
};

interface LegacyStorages {
  readonly keys: readonly string[];
  readonly storages: ReadonlyMap<string, StorageRef>;
  readonly fileName: string;
}

const keysOf = (list: TorchValue, fileName: string): string[] => {
  const keys = Array.isArray(list) ? list.map(textOf) : [undefined];
  if (keys.every((key) => key !== undefined)) return keys;
  throw malformed(fileName, "it does not list its storages");
};

/**
 * Parses the format of torch < 1.6: pickles of a magic number, a version, the system, the object and the keys of
 * the storages, followed by the storages in that order.
 * @throws QpruneError for a file that is damaged or contains anything but data.
 */
export const parseLegacyCheckpoint = (
  bytes: Uint8Array,
  fileName: string,
): RawCheckpoint<TorchValue> => {
  const storages = new Map<string, StorageRef>();
  const dialect = torchDialect(fileName, (storage) => {
    const known = storages.get(storage.key) ?? storage;
    if (known.type !== storage.type || known.elements !== storage.elements) {
      throw malformed(
        fileName,
        `storage ${quoted(storage.key)} is declared with two sizes or types`,
      );
    }
    storages.set(storage.key, known);
  });
  let offset = 0;
  const next = (): TorchValue => {
    const { value, end } = readPickle(bytes, offset, dialect);
    offset = end;
    return value;
  };
  if (next() !== MAGIC_NUMBER) {
    throw malformed(
      fileName,
      "it begins with a pickle, but not with the magic number of torch.save",
    );
  }
  if (next() !== PROTOCOL_VERSION)
    throw malformed(fileName, `its protocol version is not ${PROTOCOL_VERSION}`);
  checkSystem(next(), fileName);
  const root = next();
  const keys = keysOf(next(), fileName);
  const cut = splitStorages(bytes, offset, { keys, storages, fileName });
  const missing = [...storages.keys()].find((key) => !cut.has(key));
  if (missing !== undefined) {
    throw malformed(fileName, `storage ${quoted(missing)} is missing`);
  }
  return { root, bytesOf: (key) => cut.get(key) as Uint8Array, isBigEndian: false };
};
