import { quoted } from "../../base/visible-text.js";
import { isDict, textOf } from "../pickle/pickle-value.js";
import { readPickle } from "../pickle/read-pickle.js";
import { malformed } from "./pth-file.js";
import { torchDialect } from "./torch-dialect.js";
import type { RawCheckpoint, StorageRef, TorchValue } from "./torch-value.js";

const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
/** The number of elements is repeated before those of each storage, as an int64. */
const COUNT_BYTES = 8;

/** Storages are little-endian on every machine, whatever the file says of the one that wrote it. */
const checkSystem = (system: TorchValue, fileName: string): void => {
  if (isDict(system)) return;
  throw malformed(fileName, "it does not describe the machine that wrote it");
};

/** Cuts the storages that `keys` lists out of the bytes from `start` on; they must fill them. */
const cutStorages = (
  bytes: Uint8Array,
  start: number,
  { keys, storages, fileName }: LegacyStorages,
): Map<string, Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cut = new Map<string, Uint8Array>();
  let at = start;
  for (const key of keys) {
    const shown = quoted(key);
    const storage = storages.get(key);
    if (!storage || cut.has(key)) {
      throw malformed(fileName, `storage ${shown} is ${storage ? "there twice" : "not used"}`);
    }
    const begin = at + COUNT_BYTES;
    const end = begin + storage.elements * storage.type.elementBytes;
    if (end > bytes.length) throw malformed(fileName, `storage ${shown} ends early`);
    if (view.getBigInt64(at, true) !== BigInt(storage.elements)) {
      throw malformed(fileName, `storage ${shown} does not have its ${storage.elements} elements`);
    }
    cut.set(key, bytes.subarray(begin, end));
    at = end;
  }
  if (at < bytes.length) {
    throw malformed(fileName, `${bytes.length - at} bytes follow its last storage`);
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
  throw malformed(fileName, "it has no list of its storages");
};

/**
 * Reads the format of torch < 1.6: pickles of a magic number, a version, the system, the object and the
 * keys of the storages, then the storages in that order.
 * @throws QpruneError for a file that is damaged or holds anything but data.
 */
export const parseLegacyCheckpoint = (
  bytes: Uint8Array,
  fileName: string,
): RawCheckpoint<TorchValue> => {
  const storages = new Map<string, StorageRef>();
  const dialect = torchDialect(fileName, (storage) => {
    const known = storages.get(storage.key) ?? storage;
    if (known.type !== storage.type || known.elements !== storage.elements) {
      throw malformed(fileName, `storage ${quoted(storage.key)} has two sizes or types`);
    }
    storages.set(storage.key, known);
  });
  let at = 0;
  const next = (): TorchValue => {
    const { value, end } = readPickle(bytes, at, dialect);
    at = end;
    return value;
  };
  if (next() !== MAGIC_NUMBER) {
    throw malformed(fileName, "it begins with a pickle, but not with torch.save's magic number");
  }
  if (next() !== PROTOCOL_VERSION) throw malformed(fileName, "it has another protocol version");
  checkSystem(next(), fileName);
  const root = next();
  const keys = keysOf(next(), fileName);
  const cut = cutStorages(bytes, at, { keys, storages, fileName });
  const missing = [...storages.keys()].find((key) => !cut.has(key));
  if (missing !== undefined) {
    throw malformed(fileName, `storage ${quoted(missing)} is missing`);
  }
  return { root, bytesOf: (key) => cut.get(key) as Uint8Array, isBigEndian: false };
};
