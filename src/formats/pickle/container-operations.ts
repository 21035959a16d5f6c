import { OPCODE } from "./opcodes.js";
import type { PickleMachine } from "./pickle-machine.js";
import { emptyDict, isDict, isPlaceholder, type PickleValue, tupleOf } from "./pickle-value.js";
import { setItems } from "./set-items.js";

const set = <T>({ peek, dialect }: PickleMachine<T>, items: readonly PickleValue<T>[]): void => {
  const top = peek();
  if (isPlaceholder(top)) return;
  if (!isDict(top)) throw dialect.refuse("its pickle sets items of what is no dict");
  setItems(top, items, dialect.refuse);
};

const append = <T>({ peek, dialect }: PickleMachine<T>, items: readonly PickleValue<T>[]): void => {
  const top = peek();
  if (isPlaceholder(top)) return;
  if (!Array.isArray(top)) throw dialect.refuse("its pickle appends to what is no list");
  for (const item of items) top.push(item);
};

/** The uppermost values in the order in which they were pushed. */
const popMany = <T>({ pop }: PickleMachine<T>, count: number): PickleValue<T>[] =>
  Array.from({ length: count }, pop).reverse();

/** Opcodes that make or fill a list, a tuple or a dict. False for every other opcode. */
export const runContainerOperation = <T>(code: number, machine: PickleMachine<T>): boolean => {
  const { mark, popToMark, pushNew } = machine;
  switch (code) {
    case OPCODE.MARK:
      mark();
      return true;
    case OPCODE.EMPTY_LIST:
      pushNew([]);
      return true;
    case OPCODE.EMPTY_DICT:
      pushNew(emptyDict());
      return true;
    case OPCODE.EMPTY_TUPLE:
      pushNew(tupleOf([]));
      return true;
    case OPCODE.TUPLE:
      pushNew(tupleOf(popToMark()));
      return true;
    case OPCODE.TUPLE1:
    case OPCODE.TUPLE2:
    case OPCODE.TUPLE3:
      pushNew(tupleOf(popMany(machine, code - OPCODE.TUPLE1 + 1)));
      return true;
    case OPCODE.APPEND:
      append(machine, [machine.pop()]);
      return true;
    case OPCODE.APPENDS:
      append(machine, popToMark());
      return true;
    case OPCODE.SETITEM:
      set(machine, popMany(machine, 2));
      return true;
    case OPCODE.SETITEMS:
      set(machine, popToMark());
      return true;
    default:
      return false;
  }
};
