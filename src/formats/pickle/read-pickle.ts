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
  /** Index of the first byte after the pickle. */
  readonly end: number;
}

const checkProtocol = <T>({ cursor, dialect }: PickleMachine<T>): void => {
  const protocol = cursor.u8();
  if (protocol >= 2 && protocol <= MAX_PROTOCOL) return;
  throw dialect.refuse(`its pickle has protocol ${protocol} (supported: 2 to ${MAX_PROTOCOL})`);
};

const run = <T>(machine: PickleMachine<T>): PickleValue<T> => {
  const { cursor, dialect, pop } = machine;
  if (cursor.u8() !== OPCODE.PROTO) throw dialect.refuse("no pickle begins where one is expected");
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
 * Interprets the pickle at byte `start` as plain data, objects that the dialect rebuilds and, where the dialect
 * allows them, placeholders. Nothing is executed or imported (CWE-502); every other opcode and global is refused
 * by name.
 * @throws the dialect's error, naming the first problem.
 */
export const readPickle = <T = never>(
  bytes: Uint8Array,
  start: number,
  dialect: PickleDialect<T>,
): ReadPickle<T> => {
  const { maxBytes, refuse } = dialect;
  const allowed = bytes.subarray(0, Math.min(bytes.length, start + maxBytes));
  const cursor = byteCursor(allowed, {
    start,
    endError: () =>
      refuse(
        allowed.length < bytes.length
          ? `its pickle has more than ${maxBytes} bytes`
          : "its pickle ends early",
      ),
    lineError: () => refuse(`a name in its pickle has more than ${MAX_GLOBAL_NAME} characters`),
  });
  const value = run(pickleMachine(cursor, dialect));
  return { value, end: cursor.position() };
};
