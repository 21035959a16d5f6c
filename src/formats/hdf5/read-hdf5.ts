import { type StoredTensor, storedBytes } from "../safetensors/stored-tensor.js";
import { addressAt, type Hdf5Bytes, Hdf5Problem, hdf5Bytes } from "./bytes.js";
import { dataTypeAt, dimensionsAt, textsAt } from "./data-type.js";
import { membersOf } from "./groups.js";
import { type HeaderMessage, headerMessages, MESSAGES } from "./object-header.js";

/** A group or data set of an HDF5 file, read when it is asked for. Every method may throw Hdf5Problem. */
export interface Hdf5Object {
  /** The names of a group's members, in their order. */
  readonly names: () => readonly string[];
  /** A member by its path, as in a/b; undefined if there is none. */
  readonly member: (path: string) => Hdf5Object | undefined;
  /** The texts of an attribute; undefined if there is none, or it contains numbers. */
  readonly texts: (attribute: string) => readonly string[] | undefined;
  /** The numbers of a data set, which share the memory of the file. */
  readonly tensor: () => StoredTensor;
}

const padded = (length: number): number => 8 * Math.ceil(length / 8);

/** An attribute's name, and its texts if it has some. */
const attributeAt = (
  bytes: Hdf5Bytes,
  { at }: HeaderMessage,
): readonly [name: string, texts: () => string[] | undefined] => {
  const version = bytes.u8(at);
  if (version < 1 || version > 3)
    throw new Hdf5Problem(`it has an attribute of version ${version}`);
  const [nameBytes, typeBytes, spaceBytes] = [2, 4, 6].map((place) => bytes.u16(at + place)) as [
    number,
    number,
    number,
  ];
  const align = version === 1 ? padded : (length: number): number => length;
  const nameAt = at + (version === 3 ? 9 : 8);
  const typeAt = nameAt + align(nameBytes);
  const spaceAt = typeAt + align(typeBytes);
  const texts = () =>
    textsAt(bytes, spaceAt + align(spaceBytes), {
      type: dataTypeAt(bytes, typeAt),
      dims: dimensionsAt(bytes, spaceAt),
    });
  return [bytes.text(nameAt, nameBytes), texts];
};

const only = (messages: readonly HeaderMessage[], type: number, what: string): HeaderMessage => {
  const found = messages.find((message) => message.type === type);
  if (found) return found;
  throw new Hdf5Problem(`a data set has no ${what}`);
};

const [COMPACT, CONTIGUOUS] = [0, 1];

/** The bytes of a data set, which must be in one piece. */
const contentOf = (bytes: Hdf5Bytes, { at }: HeaderMessage): Uint8Array => {
  const version = bytes.u8(at);
  const layout = bytes.u8(at + 1);
  if (version !== 3 && version !== 4)
    throw new Hdf5Problem(`a data set has a layout of version ${version}`);
  if (layout === COMPACT) return bytes.part(at + 4, bytes.u16(at + 2));
  if (layout === CONTIGUOUS) return bytes.part(addressAt(bytes, at + 2), addressAt(bytes, at + 10));
  throw new Hdf5Problem("a data set is stored in chunks, which Keras does not write");
};

const tensorOf = (bytes: Hdf5Bytes, messages: readonly HeaderMessage[]): StoredTensor => {
  const type = dataTypeAt(bytes, only(messages, MESSAGES.datatype, "type").at);
  const shape = dimensionsAt(bytes, only(messages, MESSAGES.dataspace, "shape").at);
  if (type.kind !== "number") throw new Hdf5Problem("a data set has something other than numbers");
  const wanted = storedBytes(type.dtype, shape);
  const data = contentOf(bytes, only(messages, MESSAGES.layout, "layout"));
  if (wanted !== data.length)
    throw new Hdf5Problem(`a data set of the shape [${shape}] has ${data.length} bytes`);
  return { dtype: type.dtype, shape, data };
};

/** The objects of a file that were read, by their addresses, so that each is read once. */
type KnownObjects = Map<number, Hdf5Object>;

const objectAt = (bytes: Hdf5Bytes, at: number, objects: KnownObjects): Hdf5Object => {
  const read = objects.get(at);
  if (read) return read;
  const messages = headerMessages(bytes, at);
  let known: Map<string, number> | undefined;
  const members = (): Map<string, number> => {
    known ??= membersOf(bytes, messages);
    return known;
  };
  const self: Hdf5Object = {
    names: () => [...members().keys()],
    member: (path) => {
      const [first = "", ...others] = path.split("/");
      const address = members().get(first);
      if (address === undefined) return undefined;
      const found = objectAt(bytes, address, objects);
      return others.length === 0 ? found : found.member(others.join("/"));
    },
    texts: (wanted) => {
      for (const message of messages) {
        if (message.type !== MESSAGES.attribute) continue;
        const [name, texts] = attributeAt(bytes, message);
        if (name === wanted) return texts();
      }
      return undefined;
    },
    tensor: () => tensorOf(bytes, messages),
  };
  objects.set(at, self);
  return self;
};

const SIGNATURE = "\x89HDF\r\n\x1a\n";

/** Whether a file starts like an HDF5 file. */
export const isHdf5 = (start: Uint8Array): boolean =>
  Buffer.from(start.subarray(0, SIGNATURE.length)).toString("latin1") === SIGNATURE;

/** The address of the group that contains all others. */
const rootAddress = (bytes: Hdf5Bytes): number => {
  const version = bytes.u8(8);
  const isOld = version <= 1;
  if (version > 3) throw new Hdf5Problem(`it has version ${version} of the format`);
  const [offsetBytes, lengthBytes] = isOld
    ? [bytes.u8(13), bytes.u8(14)]
    : [bytes.u8(9), bytes.u8(10)];
  if (offsetBytes !== 8 || lengthBytes !== 8)
    throw new Hdf5Problem(`it has addresses of ${offsetBytes} bytes, not 8`);
  if (!isOld) return addressAt(bytes, 36);
  return addressAt(bytes, version === 0 ? 64 : 68);
};

/**
 * The root group of an HDF5 file, of the kinds that h5py writes for Keras: groups as trees or links, and data sets in one piece
 * (HDF5 File Format Specification 3.0). Nothing is allocated before it is checked.
 * @throws Hdf5Problem if it is no such file.
 */
export const readHdf5 = (file: Uint8Array): Hdf5Object => {
  if (!isHdf5(file)) throw new Hdf5Problem("it does not start as one");
  const bytes = hdf5Bytes(file);
  return objectAt(bytes, rootAddress(bytes), new Map());
};
