import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";

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
