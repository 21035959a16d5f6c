import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";
import { isGlobal, isPlaceholder, isTuple, placeholderOf } from "./pickle-value.js";

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
