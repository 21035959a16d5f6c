import { addressAt, type Hdf5Bytes, Hdf5Problem } from "./bytes.js";
import { MAX_LEVELS } from "./limits.js";
import { type HeaderMessage, MESSAGES } from "./object-header.js";

/** The addresses of a group's members by name. */
type Members = Map<string, number>;

const SYMBOL_BYTES = 40;
/** An entry that refers to a path instead of an object. */
const SOFT_LINK = 2;

/** The members in the table of symbols at an address. */
const addSymbols = (bytes: Hdf5Bytes, at: number, names: number, members: Members): void => {
  bytes.expect(at, "SNOD");
  const count = bytes.u16(at + 6);
  for (let index = 0; index < count; index++) {
    bytes.count();
    const entry = at + 8 + SYMBOL_BYTES * index;
    if (bytes.u32(entry + 16) === SOFT_LINK) continue;
    const place = names + addressAt(bytes, entry);
    const longest = Math.min(1000, bytes.size - place);
    const name = bytes.text(place, Math.max(longest, 0));
    if (members.has(name)) throw new Hdf5Problem("a group has two members of one name");
    members.set(name, addressAt(bytes, entry + 8));
  }
};

/** Follows the tree of a group. */
const addTree = (
  bytes: Hdf5Bytes,
  at: number,
  { names, members, level }: { names: number; members: Members; level: number },
): void => {
  if (level > MAX_LEVELS) throw new Hdf5Problem("the tree of a group is too deep");
  bytes.count();
  bytes.expect(at, "TREE");
  const isLeaf = bytes.u8(at + 5) === 0;
  const used = bytes.u16(at + 6);
  for (let index = 0; index < used; index++) {
    const child = addressAt(bytes, at + 24 + 16 * index + 8);
    if (isLeaf) addSymbols(bytes, child, names, members);
    else addTree(bytes, child, { names, members, level: level + 1 });
  }
};

const addSymbolTable = (bytes: Hdf5Bytes, at: number, members: Members): void => {
  const [tree, heap] = [addressAt(bytes, at), addressAt(bytes, at + 8)];
  bytes.expect(heap, "HEAP");
  addTree(bytes, tree, { names: addressAt(bytes, heap + 24), members, level: 0 });
};

/** A member in a message of its own, as newer files have it. */
const addLink = (bytes: Hdf5Bytes, { at }: HeaderMessage, members: Members): void => {
  const flags = bytes.u8(at + 1);
  let place = at + 2;
  const isHard = !(flags & 8) || bytes.u8(place) === 0;
  place += (flags & 8 ? 1 : 0) + (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const width = 1 << (flags & 3);
  const length = width === 1 ? bytes.u8(place) : width === 2 ? bytes.u16(place) : bytes.u32(place);
  const name = bytes.text(place + width, length);
  if (isHard) members.set(name, addressAt(bytes, place + width + length));
};

/** The addresses of a group's members. */
export const membersOf = (bytes: Hdf5Bytes, messages: readonly HeaderMessage[]): Members => {
  const members: Members = new Map();
  for (const message of messages) {
    if (message.type === MESSAGES.symbolTable) addSymbolTable(bytes, message.at, members);
    if (message.type === MESSAGES.link) addLink(bytes, message, members);
    if (message.type === MESSAGES.linkInfo) {
      const heapAt = message.at + 2 + (bytes.u8(message.at + 1) & 1 ? 8 : 0);
      if (bytes.u64(heapAt) !== undefined)
        throw new Hdf5Problem("a group is stored as a fractal heap, which Keras does not write");
    }
  }
  return members;
};
