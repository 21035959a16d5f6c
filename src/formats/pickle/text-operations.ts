import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";

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
