import { MAX_GLOBAL_NAME } from "./limits.js";
import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";
import { isDict, isGlobal, isTuple, type PickleValue, textOf } from "./pickle-value.js";

const FRAME_LENGTH_BYTES = 8;
const PLAIN_NAME = /^[\w.]+$/;

const shownName = (name: string): string => (PLAIN_NAME.test(name) ? name : JSON.stringify(name));

const pushGlobal = <T>({ dialect, pushNew }: PickleMachine<T>, name: string): void => {
  if (!dialect.globals.has(name)) {
    const reason = `it refers to ${shownName(name)}, which no ${dialect.purpose} needs`;
    throw dialect.refuse(reason, true);
  }
  pushNew({ kind: "global", name });
};

const stackGlobal = <T>(machine: PickleMachine<T>): void => {
  const [name, module] = [textOf(machine.pop()), textOf(machine.pop())];
  if (name === undefined || module === undefined || (module + name).length > MAX_GLOBAL_NAME) {
    throw machine.dialect.refuse("its pickle refers to what has no name");
  }
  pushGlobal(machine, `${module}.${name}`);
};

const reduce = <T>({ pop, pushNew, spend, dialect }: PickleMachine<T>): void => {
  const args = pop();
  const callee = pop();
  if (!isGlobal(callee) || !isTuple(args)) throw dialect.refuse("its pickle calls a plain value");
  const call = dialect.globals.get(callee.name)?.call;
  if (!call) {
    throw dialect.refuse(`it calls ${callee.name}, which no ${dialect.purpose} does`, true);
  }
  pushNew(call(args.items, spend));
};

const isPlain = <T>(value: PickleValue<T>): boolean =>
  typeof value !== "object" ||
  value === null ||
  value instanceof Uint8Array ||
  Array.isArray(value) ||
  isTuple(value) ||
  isGlobal(value);

const build = <T>({ pop, peek, dialect }: PickleMachine<T>): void => {
  const state = pop();
  const target = peek();
  // An OrderedDict may carry attributes (a state dict's versions of its modules), which say nothing here.
  if (isDict(target) && isDict(state)) return;
  if (isPlain(target) || isDict(target) || !dialect.setState) {
    throw dialect.refuse("its pickle gives a state to what has none");
  }
  dialect.setState(target as T, state);
};

const persistent = <T>({ pop, pushNew, dialect }: PickleMachine<T>): void => {
  const id = pop();
  if (!dialect.persistent) throw dialect.refuse("its pickle refers to data outside of it");
  pushNew(dialect.persistent(id));
};

/** Opcodes of globals, and of what is rebuilt with them. False for every other opcode. */
export const runReferenceOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { cursor } = machine;
  switch (code) {
    case OPCODE.GLOBAL:
      pushGlobal(machine, `${cursor.line(MAX_GLOBAL_NAME)}.${cursor.line(MAX_GLOBAL_NAME)}`);
      return true;
    case OPCODE.STACK_GLOBAL:
      stackGlobal(machine);
      return true;
    case OPCODE.REDUCE:
      reduce(machine);
      return true;
    case OPCODE.BUILD:
      build(machine);
      return true;
    case OPCODE.BINPERSID:
      persistent(machine);
      return true;
    case OPCODE.FRAME:
      // A frame tells readers of streams how much to fetch; here all bytes are at hand.
      cursor.bytes(FRAME_LENGTH_BYTES);
      return true;
    default:
      return false;
  }
};
