import { MAX_GLOBAL_NAME } from "./limits.js";
import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";
import {
  isDict,
  isGlobal,
  isPlaceholder,
  isTuple,
  type PickleValue,
  placeholderOf,
  shownGlobal,
  textOf,
} from "./pickle-value.js";

const FRAME_LENGTH_BYTES = 8;
const pushGlobal = <T>({ dialect, globalOf, pushNew }: PickleMachine<T>, name: string): void => {
  if (!dialect.globals.has(name) && !dialect.isHarmless?.(name)) {
    const reason = `it refers to ${shownGlobal(name)}, which no ${dialect.purpose} needs`;
    throw dialect.refuse(reason, true);
  }
  pushNew(globalOf(name));
};

/** Functions that create an object of the class given as their first argument. */
const CONSTRUCTORS: ReadonlySet<string> = new Set([
  "copyreg._reconstructor",
  "copyreg.__newobj__",
  "copyreg.__newobj_ex__",
  "copy_reg._reconstructor",
]);

/** The class of the object that a call creates, as far as the callee's name shows it. */
const createdClass = <T>(callee: string, first: PickleValue<T> | undefined): string =>
  CONSTRUCTORS.has(callee) && isGlobal(first) ? first.name : callee;

const isPlain = <T>(value: PickleValue<T>): boolean =>
  typeof value !== "object" ||
  value === null ||
  value instanceof Uint8Array ||
  Array.isArray(value) ||
  isTuple(value) ||
  isDict(value) ||
  isGlobal(value);

const stackGlobal = <T>(machine: PickleMachine<T>): void => {
  const [name, module] = [textOf(machine.pop()), textOf(machine.pop())];
  if (name === undefined || module === undefined || (module + name).length > MAX_GLOBAL_NAME) {
    throw machine.dialect.refuse("its pickle refers to a global without a valid name");
  }
  pushGlobal(machine, `${module}.${name}`);
};

/** Calls a global's rule. A global without a rule becomes a placeholder if the dialect allows it. */
const reduce = <T>({ pop, pushNew, spend, dialect }: PickleMachine<T>): void => {
  const args = pop();
  const callee = pop();
  if (isPlaceholder(callee)) {
    pushNew(placeholderOf(callee.className));
    return;
  }
  if (!isGlobal(callee) || !isTuple(args)) throw dialect.refuse("its pickle calls a plain value");
  const rule = dialect.globals.get(callee.name);
  if (rule?.call) {
    pushNew(rule.call(args.items, spend));
    return;
  }
  if (rule)
    throw dialect.refuse(
      `it calls ${shownGlobal(callee.name)}, which no ${dialect.purpose} does`,
      true,
    );
  pushNew(placeholderOf(createdClass(callee.name, args.items[0])));
};

/** Whether a state belongs to a torch.nn.Module. */
const isModuleState = <T>(state: PickleValue<T>): boolean =>
  isDict(state) && state.entries.has("_modules") && state.entries.has("_parameters");

/** Whether a state is a dict of attributes, or a pair of that and the values of slots. */
const isAttributes = <T>(state: PickleValue<T>): boolean =>
  isDict(state) || (isTuple(state) && state.items.length === 2);

const build = <T>({ pop, peek, dialect }: PickleMachine<T>): void => {
  const state = pop();
  const target = peek();
  if (isPlaceholder(target)) {
    target.isModule ||= isModuleState(state);
    return;
  }
  // A dict may carry attributes, such as the module versions of a state dict; they are not needed.
  if (isDict(target) && isAttributes(state)) return;
  if (isPlain(target) || !dialect.setState) {
    throw dialect.refuse("its pickle sets the state of a value that has none");
  }
  dialect.setState(target as T, state);
};

const persistent = <T>({ pop, pushNew, dialect }: PickleMachine<T>): void => {
  const id = pop();
  if (!dialect.persistent) throw dialect.refuse("its pickle refers to data outside itself");
  pushNew(dialect.persistent(id));
};

/** Runs opcodes that refer to globals or rebuild objects with them; false for every other opcode. */
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
      // Frames only help when reading from a stream; here all bytes are already in memory.
      cursor.bytes(FRAME_LENGTH_BYTES);
      return true;
    default:
      return false;
  }
};

const SET = "builtins.set";
const FROZEN_SET = "builtins.frozenset";

/** Creates an object of a class: by the rule of its global, or as a placeholder. */
const newObject = <T>({ pop, pushNew, spend, dialect }: PickleMachine<T>): void => {
  const args = pop();
  const type = pop();
  const name = isGlobal(type) ? type.name : isPlaceholder(type) ? type.className : undefined;
  if (name === undefined || !isTuple(args)) {
    throw dialect.refuse("its pickle creates an object of a value that is not a class");
  }
  const call = isGlobal(type) ? dialect.globals.get(name)?.call : undefined;
  pushNew(call ? call(args.items, spend) : placeholderOf(name));
};

/** Adds items to a set; sets are placeholders, so the items are dropped. */
const addItems = <T>({ peek, popToMark, dialect }: PickleMachine<T>): void => {
  popToMark();
  if (!isPlaceholder(peek()))
    throw dialect.refuse("its pickle adds items to a value that is not a set");
};

/**
 * Runs opcodes that only sets and class instances need, for dialects that turn these into placeholders; false
 * for every other opcode and in every other dialect.
 */
export const runObjectOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { dialect, pop, popToMark, pushNew } = machine;
  if (!dialect.isHarmless) return false;
  switch (code) {
    case OPCODE.NEWOBJ:
      newObject(machine);
      return true;
    case OPCODE.NEWOBJ_EX:
      // Keyword arguments, which are not needed.
      pop();
      newObject(machine);
      return true;
    case OPCODE.EMPTY_SET:
      pushNew(placeholderOf(SET));
      return true;
    case OPCODE.ADDITEMS:
      addItems(machine);
      return true;
    case OPCODE.FROZENSET:
      popToMark();
      pushNew(placeholderOf(FROZEN_SET));
      return true;
    case OPCODE.POP:
      pop();
      return true;
    case OPCODE.POP_MARK:
      popToMark();
      return true;
    default:
      return false;
  }
};
