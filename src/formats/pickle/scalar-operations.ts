import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";

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
