import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { MAX_FILE_BYTES, MAX_NAME_LENGTH } from "../safetensors/limits.js";
import { DTYPE_BYTES, type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { encodeStoredZip } from "../zip/encode-stored-zip.js";
import { MAX_PICKLE_BYTES, MAX_TENSORS } from "./limits.js";
import { type PicklePart, pickle } from "./pickle-writer.js";
import { PTH_KEYS, type PthFile } from "./pth-file.js";
import { storageNameOf } from "./storage-types.js";

/** The folder in the archive; torch.save calls it so where it does not know the file's name. */
const FOLDER = "archive";
/** As torch.save does it: storages can be mapped into memory. */
const ALIGNMENT_BYTES = 64;
/** The version of the archive's layout; torch.save writes it since 1.6, and torch.load demands it. */
const ARCHIVE_VERSION = "3\n";

/** Strides of a tensor in row-major order: [3, 4, 5] has 20, 5, 1. */
const rowMajorStrides = (shape: readonly number[]): number[] =>
  shape.map((_, at) => shape.slice(at + 1).reduce((product, side) => product * side, 1));

/** Why a tensor cannot be stored, or undefined. */
const tensorFault = (name: string, { dtype, shape, data }: StoredTensor): string | undefined => {
  if (name.length > MAX_NAME_LENGTH) return "its name is too long";
  if (!storageNameOf(dtype)) return `PyTorch's files have no storage of ${dtype}`;
  const bytes = storedBytes(dtype, shape);
  if (bytes === data.length) return undefined;
  return `${dtype} of shape [${shape}] takes ${bytes} bytes, not ${data.length}`;
};

/** A tensor whose elements are the whole storage `key`. */
const tensorPart = ({ dtype, shape, data }: StoredTensor, key: string): PicklePart => {
  const { text, whole, tuple, global, call } = pickle;
  const [module = "", name = ""] = (storageNameOf(dtype) ?? "").split(".");
  const elements = data.length / DTYPE_BYTES[dtype];
  const id = tuple(text("storage"), global(module, name), text(key), text("cpu"), whole(elements));
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(
      pickle.persistent(id),
      whole(0),
      tuple(...shape.map(whole)),
      tuple(...rowMajorStrides(shape).map(whole)),
      pickle.bool(false),
      pickle.orderedDict([]),
    ),
  );
};

const rootPart = ({ tensors, cfg, bestAccuracy, metadata }: PthFile): PicklePart => {
  const texts = Object.entries(metadata).map(([key, value]) => [key, pickle.text(value)] as const);
  const state = [...tensors].map(
    ([name, tensor], at) => [name, tensorPart(tensor, `${at}`)] as const,
  );
  return pickle.dict([
    ...(cfg ? [[PTH_KEYS.cfg, pickle.list(cfg.map(pickle.whole))] as const] : []),
    [PTH_KEYS.bestAccuracy, pickle.float(bestAccuracy ?? 0)],
    [PTH_KEYS.stateDict, pickle.orderedDict(state)],
    ...(texts.length > 0 ? [[PTH_KEYS.metadata, pickle.dict(texts)] as const] : []),
  ]);
};

const checkLimit = (what: string, value: number, limit: number): void => {
  if (value <= limit) return;
  throw new QpruneError(
    `Cannot write a PyTorch checkpoint with ${value} ${what} (limit: ${limit}).`,
  );
};

/**
 * Encodes a state dict as the chunks of a .pth file, to be written one after the other: the dict
 * { cfg, best_acc, state_dict } of the original's scripts in torch.save's zip format, which torch.load opens
 * with weights_only=True. `metadata` goes under a key of its own, `qprune`. The chunks share the tensors' memory.
 * @throws QpruneError if a tensor's bytes do not fit its shape, or a limit of the reader is passed.
 */
export const encodePth = (file: PthFile): Uint8Array[] => {
  const { tensors } = file;
  checkLimit("tensors", tensors.size, MAX_TENSORS);
  for (const [name, tensor] of tensors) {
    const fault = tensorFault(name, tensor);
    if (fault) throw new QpruneError(`Cannot store tensor ${quoted(name)}: ${fault}.`);
  }
  const dataBytes = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  checkLimit("bytes of tensors", dataBytes, MAX_FILE_BYTES - MAX_PICKLE_BYTES);
  const root = pickle.file(rootPart(file));
  checkLimit("bytes of names and metadata", root.length, MAX_PICKLE_BYTES);
  const text = (content: string) => Buffer.from(content, "latin1");
  const entries = [
    { name: "data.pkl", content: root },
    { name: "byteorder", content: text("little") },
    ...[...tensors.values()].map(({ data }, at) => ({ name: `data/${at}`, content: data })),
    { name: "version", content: text(ARCHIVE_VERSION) },
  ];
  return encodeStoredZip(
    entries.map(({ name, content }) => ({ name: `${FOLDER}/${name}`, content })),
    ALIGNMENT_BYTES,
  );
};
