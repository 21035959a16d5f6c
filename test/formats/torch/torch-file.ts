import type { StoredTensor } from "../../../src/formats/safetensors/stored-tensor.js";
import { encodeStoredZip } from "../../../src/formats/zip/encode-stored-zip.js";
import { join, pickleBytes, text, uint32 } from "../pickle/pickle-bytes.js";

/** An integer as BININT. */
const whole = (value: number): Buffer => join("J", uint32(value >>> 0));

const tuple = (...items: readonly Uint8Array[]): Buffer => join("(", ...items, "t");

export interface TensorPart {
  readonly key?: string;
  readonly storage?: string;
  /** Elements of the storage. */
  readonly elements: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset?: number;
}

/** The part of a pickle that rebuilds a tensor, as torch.save writes it. */
export const tensorPart = (part: TensorPart): Buffer => {
  const { key = "0", storage = "FloatStorage", elements, shape, strides, offset = 0 } = part;
  const id = tuple(
    text("storage"),
    join(`ctorch\n${storage}\n`),
    text(key),
    text("cpu"),
    whole(elements),
  );
  const counts = (values: readonly number[]) => tuple(...values.map(whole));
  const hooks = join("ccollections\nOrderedDict\n)R");
  const args = tuple(
    join(id, "Q"),
    whole(offset),
    counts(shape),
    counts(strides),
    join(0x89),
    hooks,
  );
  return join("ctorch._utils\n_rebuild_tensor_v2\n", args, "R");
};

/** The part of a pickle that creates a dict. */
export const dictPart = (entries: Readonly<Record<string, Uint8Array>>): Buffer =>
  join("}(", ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), "u");

export interface TorchZip {
  readonly root: Uint8Array;
  readonly storages?: Readonly<Record<string, Uint8Array>>;
  readonly more?: Readonly<Record<string, Uint8Array>>;
}

/** A file in torch.save's zip format around the value of a pickle. */
export const torchZip = ({ root, storages = {}, more = {} }: TorchZip): Buffer => {
  const entries = {
    "f/data.pkl": pickleBytes(root),
    "f/version": Buffer.from("3\n"),
    ...Object.fromEntries(Object.entries(storages).map(([key, data]) => [`f/data/${key}`, data])),
    ...more,
  };
  const list = Object.entries(entries).map(([name, content]) => ({ name, content }));
  return Buffer.concat(encodeStoredZip(list, 64));
};

const int64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
};

export interface LegacyStorage {
  readonly key: string;
  readonly elements: number;
  readonly data: Uint8Array;
}

/** A file in the format of torch < 1.6. */
export const torchLegacy = (
  root: Uint8Array,
  storages: readonly LegacyStorage[],
  { magic = "6cfc9c46f9206aa85019" } = {},
): Buffer =>
  join(
    pickleBytes(0x8a, 10, Buffer.from(magic, "hex")),
    pickleBytes("M", 0xe9, 3),
    pickleBytes(dictPart({ little_endian: join(0x88) })),
    pickleBytes(root),
    pickleBytes("](", ...storages.map(({ key }) => text(key)), "e"),
    ...storages.flatMap(({ elements, data }) => [int64(elements), data]),
  );

/** float32 numbers as bytes. */
export const floats = (...values: readonly number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);

const STORAGE_NAMES: Readonly<Record<string, string>> = { F32: "FloatStorage", I64: "LongStorage" };

/** Row-major strides. Example: [2, 3] gives [3, 1]. */
export const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, at) => shape.slice(at + 1).reduce((product, side) => product * side, 1));

/** A state dict as a part of a pickle, and its storages, whose keys begin at `start`. */
export const statePart = (tensors: ReadonlyMap<string, StoredTensor>, start = "") => {
  const list = [...tensors].map(([name, { dtype, shape, data }], at) => ({
    name,
    data,
    part: {
      key: `${start}${at}`,
      storage: STORAGE_NAMES[dtype] ?? "",
      elements: shape.reduce((product, side) => product * side, 1),
      shape,
      strides: stridesOf(shape),
    },
  }));
  return {
    root: dictPart(Object.fromEntries(list.map(({ name, part }) => [name, tensorPart(part)]))),
    storages: Object.fromEntries(list.map(({ part, data }) => [part.key, data])),
    legacyStorages: list.map(({ part: { key, elements }, data }) => ({ key, elements, data })),
  };
};
