import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";
import {
  emptyDict,
  isDict,
  isPlaceholder,
  type PickleValue,
  setItems,
  tupleOf,
} from "./pickle-value.js";

/** Opcodes that remember and recall values. False for every other opcode. */
export const runMemoOperation = <T>(
  code: number,
  { cursor, push, recall, remember }: PickleMachine<T>,
): boolean => {
  switch (code) {
    case OPCODE.BINPUT:
      remember(cursor.u8());
      return true;
    case OPCODE.LONG_BINPUT:
      remember(cursor.u32());
      return true;
    case OPCODE.MEMOIZE:
      remember();
      return true;
    case OPCODE.BINGET:
      push(recall(cursor.u8()));
      return true;
    case OPCODE.LONG_BINGET:
      push(recall(cursor.u32()));
      return true;
    default:
      return false;
  }
};

const BITS_PER_BYTE = 8n;

/** An integer of any length, little-endian, in two's complement; none of its bytes is 0. */
const longOf = (bytes: Uint8Array): number | bigint => {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << BITS_PER_BYTE) | BigInt(byte);
  const signed = BigInt.asIntN(bytes.length * Number(BITS_PER_BYTE), value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
};

/** Opcodes that push a number or a constant. False for every other opcode. */
export const runScalarOperation = <T>(
  code: number,
  { cursor, push, pushNew }: PickleMachine<T>,
): boolean => {
  switch (code) {
    case OPCODE.NONE:
      push(null);
      return true;
    case OPCODE.NEWTRUE:
      push(true);
      return true;
    case OPCODE.NEWFALSE:
      push(false);
      return true;
    case OPCODE.BININT:
      push(cursor.i32());
      return true;
    case OPCODE.BININT1:
      push(cursor.u8());
      return true;
    case OPCODE.BININT2:
      push(cursor.u16());
      return true;
    case OPCODE.LONG1:
      pushNew(longOf(cursor.bytes(cursor.u8())));
      return true;
    case OPCODE.BINFLOAT:
      push(cursor.f64());
      return true;
    default:
      return false;
  }
};

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Pushes `count` bytes of UTF-8 as a text. */
const pushText = <T>({ cursor, dialect, pushNew }: PickleMachine<T>, count: number): void => {
  const bytes = cursor.bytes(count);
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw dialect.refuse("a text of its pickle is not UTF-8");
  }
  pushNew(text);
};

const pushBytes = <T>({ cursor, pushNew }: PickleMachine<T>, count: number): void =>
  pushNew(cursor.bytes(count));

/** Opcodes that push a text or bytes. False for every other opcode. */
export const runTextOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { cursor } = machine;
  switch (code) {
    case OPCODE.SHORT_BINUNICODE:
      pushText(machine, cursor.u8());
      return true;
    case OPCODE.BINUNICODE:
      pushText(machine, cursor.u32());
      return true;
    case OPCODE.SHORT_BINSTRING:
    case OPCODE.SHORT_BINBYTES:
      pushBytes(machine, cursor.u8());
      return true;
    case OPCODE.BINSTRING:
    case OPCODE.BINBYTES:
      pushBytes(machine, cursor.u32());
      return true;
    default:
      return false;
  }
};

const set = <T>({ peek, dialect }: PickleMachine<T>, items: readonly PickleValue<T>[]): void => {
  const top = peek();
  if (isPlaceholder(top)) return;
  if (!isDict(top)) throw dialect.refuse("its pickle sets items of what is no dict");
  setItems(top, items, dialect.refuse);
};

const append = <T>({ peek, dialect }: PickleMachine<T>, items: readonly PickleValue<T>[]): void => {
  const top = peek();
  if (isPlaceholder(top)) return;
  if (!Array.isArray(top)) throw dialect.refuse("its pickle appends to what is no list");
  for (const item of items) top.push(item);
};

/** The uppermost values in the order in which they were pushed. */
const popMany = <T>({ pop }: PickleMachine<T>, count: number): PickleValue<T>[] =>
  Array.from({ length: count }, pop).reverse();

/** Opcodes that make or fill a list, a tuple or a dict. False for every other opcode. */
export const runContainerOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { mark, popToMark, pushNew } = machine;
  switch (code) {
    case OPCODE.MARK:
      mark();
      return true;
    case OPCODE.EMPTY_LIST:
      pushNew([]);
      return true;
    case OPCODE.EMPTY_DICT:
      pushNew(emptyDict());
      return true;
    case OPCODE.EMPTY_TUPLE:
      pushNew(tupleOf([]));
      return true;
    case OPCODE.TUPLE:
      pushNew(tupleOf(popToMark()));
      return true;
    case OPCODE.TUPLE1:
    case OPCODE.TUPLE2:
    case OPCODE.TUPLE3:
      pushNew(tupleOf(popMany(machine, code - OPCODE.TUPLE1 + 1)));
      return true;
    case OPCODE.APPEND:
      append(machine, [machine.pop()]);
      return true;
    case OPCODE.APPENDS:
      append(machine, popToMark());
      return true;
    case OPCODE.SETITEM:
      set(machine, popMany(machine, 2));
      return true;
    case OPCODE.SETITEMS:
      set(machine, popToMark());
      return true;
    default:
      return false;
  }
};
