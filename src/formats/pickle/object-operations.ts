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

/** Functions that make an object of the class that is their first argument. */
const MAKERS: ReadonlySet<string> = new Set([
  "copyreg._reconstructor",
  "copyreg.__newobj__",
  "copyreg.__newobj_ex__",
  "copy_reg._reconstructor",
]);

/** The class of what a call makes, as far as the name of what is called shows it. */
const madeClass = <T>(callee: string, first: PickleValue<T> | undefined): string =>
  MAKERS.has(callee) && isGlobal(first) ? first.name : callee;

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
    throw machine.dialect.refuse("its pickle refers to what has no name");
  }
  pushGlobal(machine, `${module}.${name}`);
};

/** Calls a global's rule; what no rule knows makes a placeholder, where the dialect allows them. */
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
  pushNew(placeholderOf(madeClass(callee.name, args.items[0])));
};

/** Whether a state is that of a torch.nn.Module. */
const isModuleState = <T>(state: PickleValue<T>): boolean =>
  isDict(state) && state.entries.has("_modules") && state.entries.has("_parameters");

/** The attributes of a dict: a dict of them, or that and the values of slots. */
const isAttributes = <T>(state: PickleValue<T>): boolean =>
  isDict(state) || (isTuple(state) && state.items.length === 2);

const build = <T>({ pop, peek, dialect }: PickleMachine<T>): void => {
  const state = pop();
  const target = peek();
  if (isPlaceholder(target)) {
    target.isModule ||= isModuleState(state);
    return;
  }
  // A dict may carry attributes (a state dict's versions of its modules), which say nothing here.
  if (isDict(target) && isAttributes(state)) return;
  if (isPlain(target) || !dialect.setState) {
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

const SET = "builtins.set";
const FROZEN_SET = "builtins.frozenset";

/** Makes an object of a class: by the rule of its global, or as a placeholder. */
const newObject = <T>({ pop, pushNew, spend, dialect }: PickleMachine<T>): void => {
  const args = pop();
  const type = pop();
  const name = isGlobal(type) ? type.name : isPlaceholder(type) ? type.className : undefined;
  if (name === undefined || !isTuple(args)) {
    throw dialect.refuse("its pickle makes an object of what is no class");
  }
  const call = isGlobal(type) ? dialect.globals.get(name)?.call : undefined;
  pushNew(call ? call(args.items, spend) : placeholderOf(name));
};

/** Adds to a set, of which nothing is kept. */
const addItems = <T>({ peek, popToMark, dialect }: PickleMachine<T>): void => {
  popToMark();
  if (!isPlaceholder(peek())) throw dialect.refuse("its pickle adds items to what is no set");
};

/**
 * Opcodes that only sets and objects of classes need, for dialects that take those as placeholders. False for
 * every other opcode and in every other dialect.
 */
export const runObjectOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { dialect, pop, popToMark, pushNew } = machine;
  if (!dialect.isHarmless) return false;
  switch (code) {
    case OPCODE.NEWOBJ:
      newObject(machine);
      return true;
    case OPCODE.NEWOBJ_EX:
      // Arguments by name, which nothing here reads.
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
