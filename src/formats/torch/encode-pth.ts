import { QpruneError } from "../../base/errors.js";
import { quoted } from "../../base/visible-text.js";
import { OPCODE } from "../pickle/opcodes.js";
import { MAX_FILE_BYTES, MAX_NAME_LENGTH } from "../safetensors/limits.js";
import { DTYPE_BYTES, type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { encodeStoredZip } from "../zip/encode-stored-zip.js";
import { MAX_PICKLE_BYTES, MAX_TENSORS } from "./limits.js";
import { PTH_KEYS, type PthFile } from "./pth-file.js";
import { storageNameOf } from "./torch-value.js";

const PROTOCOL = 2;

/** Bytes of a part of a pickle; parts are joined by concatenation. */
type PicklePart = Uint8Array;

const bytesOf = (...bytes: number[]): PicklePart => Uint8Array.from(bytes);

const withNumber = (opcode: number, size: number, write: (view: DataView) => void): PicklePart => {
  const part = new Uint8Array(1 + size);
  part[0] = opcode;
  write(new DataView(part.buffer, 1));
  return part;
};

const join = (...parts: readonly PicklePart[]): PicklePart => Buffer.concat(parts);

const text = (value: string): PicklePart => {
  const utf8 = Buffer.from(value, "utf8");
  return join(
    withNumber(OPCODE.BINUNICODE, 4, (view) => view.setUint32(0, utf8.length, true)),
    utf8,
  );
};

/** An integer below 2^31. */
const int = (value: number): PicklePart =>
  withNumber(OPCODE.BININT, 4, (view) => view.setInt32(0, value, true));

const float = (value: number): PicklePart =>
  withNumber(OPCODE.BINFLOAT, 8, (view) => view.setFloat64(0, value, false));

const tuple = (...items: readonly PicklePart[]): PicklePart =>
  join(bytesOf(OPCODE.MARK), ...items, bytesOf(OPCODE.TUPLE));

const list = (items: readonly PicklePart[]): PicklePart =>
  join(bytesOf(OPCODE.EMPTY_LIST, OPCODE.MARK), ...items, bytesOf(OPCODE.APPENDS));

const global = (module: string, name: string): PicklePart =>
  join(bytesOf(OPCODE.GLOBAL), Buffer.from(`${module}\n${name}\n`, "latin1"));

/** Calls a global with a tuple of arguments. */
const call = (callee: PicklePart, args: PicklePart): PicklePart =>
  join(callee, args, bytesOf(OPCODE.REDUCE));

const setItems = (entries: readonly (readonly [string, PicklePart])[]): PicklePart =>
  join(
    bytesOf(OPCODE.MARK),
    ...entries.flatMap(([key, value]) => [text(key), value]),
    bytesOf(OPCODE.SETITEMS),
  );

const dict = (entries: readonly (readonly [string, PicklePart])[]): PicklePart =>
  join(bytesOf(OPCODE.EMPTY_DICT), setItems(entries));

const orderedDict = (entries: readonly (readonly [string, PicklePart])[]): PicklePart =>
  join(call(global("collections", "OrderedDict"), tuple()), setItems(entries));

/** A reference to data outside the pickle. */
const persistent = (id: PicklePart): PicklePart => join(id, bytesOf(OPCODE.BINPERSID));

const bool = (value: boolean): PicklePart => bytesOf(value ? OPCODE.NEWTRUE : OPCODE.NEWFALSE);

/** A complete pickle of protocol 2, which every torch.load can read. */
const pickleFile = (value: PicklePart): Uint8Array =>
  join(bytesOf(OPCODE.PROTO, PROTOCOL), value, bytesOf(OPCODE.STOP));

/** Writes the values of a checkpoint without a memo, so a value that is used twice is written twice. */
const pickle = {
  text,
  int,
  float,
  bool,
  tuple,
  list,
  global,
  call,
  dict,
  orderedDict,
  persistent,
  file: pickleFile,
} as const;

/** The folder in the archive; torch.save's default if it does not know the file's name. */
const FOLDER = "archive";
/** The same as torch.save's, so that storages can be memory-mapped. */
const ALIGNMENT_BYTES = 64;
/** Version of the archive's layout. torch.save writes it since 1.6, and torch.load requires it. */
const ARCHIVE_VERSION = "3\n";

/** Strides of a tensor in row-major order: 20, 5, 1 for shape [3, 4, 5]. */
const rowMajorStrides = (shape: readonly number[]): number[] =>
  shape.map((_, dim) => shape.slice(dim + 1).reduce((product, side) => product * side, 1));

/** Why a tensor cannot be stored, or undefined. */
const tensorFault = (name: string, { dtype, shape, data }: StoredTensor): string | undefined => {
  if (name.length > MAX_NAME_LENGTH) return "its name is too long";
  if (!storageNameOf(dtype)) return `PyTorch's files have no storage type for ${dtype}`;
  const bytes = storedBytes(dtype, shape);
  if (bytes === data.length) return undefined;
  return `${dtype} of shape [${shape}] takes ${bytes} bytes, not ${data.length}`;
};

/** A tensor that covers the whole storage `key`. */
const tensorPart = ({ dtype, shape, data }: StoredTensor, key: string): PicklePart => {
  const { text, int, tuple, global, call } = pickle;
  const [module = "", name = ""] = (storageNameOf(dtype) ?? "").split(".");
  const elements = data.length / DTYPE_BYTES[dtype];
  const id = tuple(text("storage"), global(module, name), text(key), text("cpu"), int(elements));
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    tuple(
      pickle.persistent(id),
      int(0),
      tuple(...shape.map(int)),
      tuple(...rowMajorStrides(shape).map(int)),
      pickle.bool(false),
      pickle.orderedDict([]),
    ),
  );
};

const rootPart = ({ tensors, cfg, bestAccuracy, metadata }: PthFile): PicklePart => {
  const texts = Object.entries(metadata).map(([key, value]) => [key, pickle.text(value)] as const);
  const state = [...tensors].map(
    ([name, tensor], index) => [name, tensorPart(tensor, `${index}`)] as const,
  );
  return pickle.dict([
    ...(cfg ? [[PTH_KEYS.cfg, pickle.list(cfg.map(pickle.int))] as const] : []),
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
 * Encodes a state dict as consecutive chunks of a .pth file: the dict { cfg, best_acc, state_dict } of the reference
 * scripts in torch.save's zip format, which torch.load opens with weights_only=True. `metadata` is stored under the
 * key `qprune`. The chunks share the tensors' memory.
 * @throws QpruneError if a tensor's bytes do not fit its shape, or the file would exceed a limit for reading.
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
    ...[...tensors.values()].map(({ data }, index) => ({ name: `data/${index}`, content: data })),
    { name: "version", content: text(ARCHIVE_VERSION) },
  ];
  return encodeStoredZip(
    entries.map(({ name, content }) => ({ name: `${FOLDER}/${name}`, content })),
    ALIGNMENT_BYTES,
  );
};
