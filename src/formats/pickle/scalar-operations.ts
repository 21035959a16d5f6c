import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BITS_PER_BYTE = 8n;

/** An integer of any length, little-endian, in two's complement; none of its bytes is 0. */
const longOf = (bytes: Uint8Array): number | bigint => {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << BITS_PER_BYTE) | BigInt(byte);
  const signed = BigInt.asIntN(bytes.length * Number(BITS_PER_BYTE), value);
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed;
};

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

/** Opcodes that push a number, a text, bytes or a constant. False for every other opcode. */
export const runScalarOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { cursor, push, pushNew } = machine;
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
