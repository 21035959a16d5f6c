import { OPCODE } from "../pickle/opcodes.js";

const PROTOCOL = 2;

/** Parts of a pickle, each its bytes: they are joined by putting one behind the other. */
export type PicklePart = Uint8Array;

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

/** A whole number below 2^31. */
const whole = (value: number): PicklePart =>
  withNumber(OPCODE.BININT, 4, (view) => view.setInt32(0, value, true));

const float = (value: number): PicklePart =>
  withNumber(OPCODE.BINFLOAT, 8, (view) => view.setFloat64(0, value, false));

const tuple = (...items: readonly PicklePart[]): PicklePart =>
  join(bytesOf(OPCODE.MARK), ...items, bytesOf(OPCODE.TUPLE));

const list = (items: readonly PicklePart[]): PicklePart =>
  join(bytesOf(OPCODE.EMPTY_LIST, OPCODE.MARK), ...items, bytesOf(OPCODE.APPENDS));

const global = (module: string, name: string): PicklePart =>
  join(bytesOf(OPCODE.GLOBAL), Buffer.from(`${module}\n${name}\n`, "latin1"));

/** The value of a global that is called with a tuple. */
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

/** A whole pickle of protocol 2, which every torch.load reads. */
const pickleFile = (value: PicklePart): Uint8Array =>
  join(bytesOf(OPCODE.PROTO, PROTOCOL), value, bytesOf(OPCODE.STOP));

/** Writes the values that a checkpoint is made of, without a memo: what is used twice stands there twice. */
export const pickle = {
  text,
  whole,
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
