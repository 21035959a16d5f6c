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

/** Runs opcodes that store values in the memo or load them from it; false for every other opcode. */
export const runMemoOperation = <T>(
  code: number,
  { cursor, push, loadFromMemo, memoize }: PickleMachine<T>,
): boolean => {
  switch (code) {
    case OPCODE.BINPUT:
      memoize(cursor.u8());
      return true;
    case OPCODE.LONG_BINPUT:
      memoize(cursor.u32());
      return true;
    case OPCODE.MEMOIZE:
      memoize();
      return true;
    case OPCODE.BINGET:
      push(loadFromMemo(cursor.u8()));
      return true;
    case OPCODE.LONG_BINGET:
      push(loadFromMemo(cursor.u32()));
      return true;
    default:
      return false;
  }
};

const BITS_PER_BYTE = 8n;

/** A little-endian two's complement integer of any length; no bytes mean 0. */
const longOf = (bytes: Uint8Array): number | bigint => {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << BITS_PER_BYTE) | BigInt(byte);
  const signed = BigInt.asIntN(bytes.length * Number(BITS_PER_BYTE), value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
};

/** Runs opcodes that push a number or a constant; false for every other opcode. */
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

/** Pushes `count` bytes of UTF-8 as a string. */
const pushText = <T>({ cursor, dialect, pushNew }: PickleMachine<T>, count: number): void => {
  const bytes = cursor.bytes(count);
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw dialect.refuse("a string in its pickle is not UTF-8");
  }
  pushNew(text);
};

const pushBytes = <T>({ cursor, pushNew }: PickleMachine<T>, count: number): void =>
  pushNew(cursor.bytes(count));

/** Runs opcodes that push a string or bytes; false for every other opcode. */
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
  if (!isDict(top)) throw dialect.refuse("its pickle sets items on a value that is not a dict");
  setItems(top, items, dialect.refuse);
};

const append = <T>({ peek, dialect }: PickleMachine<T>, items: readonly PickleValue<T>[]): void => {
  const top = peek();
  if (isPlaceholder(top)) return;
  if (!Array.isArray(top)) throw dialect.refuse("its pickle appends to a value that is not a list");
  for (const item of items) top.push(item);
};

/** Pops values and returns them in the order in which they were pushed. */
const popMany = <T>({ pop }: PickleMachine<T>, count: number): PickleValue<T>[] =>
  Array.from({ length: count }, pop).reverse();

/** Runs opcodes that create or fill a list, tuple or dict; false for every other opcode. */
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
