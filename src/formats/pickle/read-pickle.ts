import { byteCursor } from "./byte-cursor.js";
import { MAX_GLOBAL_NAME, MAX_PROTOCOL } from "./limits.js";
import { runObjectOperation, runReferenceOperation } from "./object-operations.js";
import { OPCODE, opcodeName } from "./opcodes.js";
import type { PickleDialect } from "./pickle-dialect.js";
import { type PickleMachine, pickleMachine } from "./pickle-machine.js";
import type { PickleValue } from "./pickle-value.js";
import {
  runContainerOperation,
  runMemoOperation,
  runScalarOperation,
  runTextOperation,
} from "./value-operations.js";

export interface ReadPickle<T> {
  readonly value: PickleValue<T>;
  /** The byte behind the pickle. */
  readonly end: number;
}

const checkProtocol = <T>({ cursor, dialect }: PickleMachine<T>): void => {
  const protocol = cursor.u8();
  if (protocol >= 2 && protocol <= MAX_PROTOCOL) return;
  throw dialect.refuse(`its pickle has protocol ${protocol} (2 to ${MAX_PROTOCOL} are read)`);
};

const run = <T>(machine: PickleMachine<T>): PickleValue<T> => {
  const { cursor, dialect, pop } = machine;
  if (cursor.u8() !== OPCODE.PROTO) throw dialect.refuse("it has no pickle where one must begin");
  checkProtocol(machine);
  for (;;) {
    const code = cursor.u8();
    if (code === OPCODE.STOP) return pop();
    const isKnown =
      runMemoOperation(code, machine) ||
      runScalarOperation(code, machine) ||
      runTextOperation(code, machine) ||
      runContainerOperation(code, machine) ||
      runReferenceOperation(code, machine) ||
      runObjectOperation(code, machine);
    if (!isKnown) {
      const reason = `its pickle has the opcode ${opcodeName(code)}, which no ${dialect.purpose} needs`;
      throw dialect.refuse(reason, true);
    }
  }
};

/**
 * Interprets the pickle at byte `start` as plain data, as what its dialect rebuilds and, where the dialect
 * allows them, as placeholders. Nothing is executed or imported: every other opcode and global is refused by name.
 * @throws the dialect's error, naming the first thing that is wrong.
 */
export const readPickle = <T = never>(
  bytes: Uint8Array,
  start: number,
  dialect: PickleDialect<T>,
): ReadPickle<T> => {
  const { maxBytes, refuse } = dialect;
  const most = bytes.subarray(0, Math.min(bytes.length, start + maxBytes));
  const cursor = byteCursor(most, {
    start,
    endError: () =>
      refuse(
        most.length < bytes.length
          ? `its pickle has more than ${maxBytes} bytes`
          : "its pickle ends early",
      ),
    lineError: () => refuse(`a name in its pickle has more than ${MAX_GLOBAL_NAME} characters`),
  });
  const value = run(pickleMachine(cursor, dialect));
  return { value, end: cursor.position() };
};
