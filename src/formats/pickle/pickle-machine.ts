import type { QpruneError } from "../../base/errors.js";
import type { ByteCursor } from "./byte-cursor.js";
import { MAX_GLOBALS, MAX_MEMO, MAX_OBJECTS, MAX_STACK } from "./limits.js";
import type { PickleDialect, Spend } from "./pickle-dialect.js";
import type { PickleGlobal, PickleValue } from "./pickle-value.js";

/** The stack of a pickle. Marks separate values from the items of a container that is not complete yet. */
export interface PickleStack<V> {
  readonly push: (value: V) => void;
  readonly pop: () => V;
  /** The top value, which stays on the stack. */
  readonly peek: () => V;
  readonly mark: () => void;
  /** Removes and returns everything pushed since the last mark. */
  readonly popToMark: () => V[];
}

/** An empty stack; `refuse` creates the error for a pickle that pushes too many values or pops a missing one. */
const pickleStack = <V>(refuse: (reason: string) => QpruneError): PickleStack<V> => {
  const values: V[] = [];
  const marks: number[] = [];
  const checkRoom = (): void => {
    if (values.length + marks.length < MAX_STACK) return;
    throw refuse(`its pickle puts more than ${MAX_STACK} values on the stack`);
  };
  const peek = (): V => {
    if (values.length > (marks.at(-1) ?? 0)) return values.at(-1) as V;
    throw refuse("its pickle pops from an empty stack");
  };
  return {
    push: (value) => {
      checkRoom();
      values.push(value);
    },
    pop: () => {
      const value = peek();
      values.pop();
      return value;
    },
    peek,
    mark: () => {
      checkRoom();
      marks.push(values.length);
    },
    popToMark: () => {
      const from = marks.pop();
      if (from === undefined) throw refuse("its pickle ends a container that it did not begin");
      return values.splice(from);
    },
  };
};

/** The state of the interpreter: a stack and a memo. Nothing recurses, so nesting cannot exhaust the call stack (CWE-674). */
export interface PickleMachine<T> extends PickleStack<PickleValue<T>> {
  readonly dialect: PickleDialect<T>;
  readonly cursor: ByteCursor;
  /** Pushes a value that allocates memory. */
  readonly pushNew: (value: PickleValue<T>) => void;
  /** Stores the top value in the memo, by default under the next free index. */
  readonly memoize: (index?: number) => void;
  readonly loadFromMemo: (index: number) => PickleValue<T>;
  readonly spend: Spend;
  /** The value of a global: the same object however often the pickle refers to it. */
  readonly globalOf: (name: string) => PickleGlobal;
}

/** A machine that reads its opcodes from a cursor. */
export const pickleMachine = <T>(
  cursor: ByteCursor,
  dialect: PickleDialect<T>,
): PickleMachine<T> => {
  const { refuse } = dialect;
  const stack = pickleStack<PickleValue<T>>(refuse);
  const memo = new Map<number, PickleValue<T>>();
  const globals = new Map<string, PickleGlobal>();
  let objects = 0;
  const spend: Spend = (count) => {
    objects += count;
    if (objects > MAX_OBJECTS) throw refuse(`its pickle has more than ${MAX_OBJECTS} objects`);
  };
  return {
    ...stack,
    dialect,
    cursor,
    pushNew: (value) => {
      spend(1);
      stack.push(value);
    },
    memoize: (index = memo.size) => {
      memo.set(index, stack.peek());
      if (memo.size > MAX_MEMO) throw refuse(`its pickle memoizes more than ${MAX_MEMO} values`);
    },
    loadFromMemo: (index) => {
      const value = memo.get(index);
      if (value === undefined) throw refuse("its pickle loads a value that it did not memoize");
      return value;
    },
    spend,
    globalOf: (name) => {
      const known = globals.get(name);
      if (known) return known;
      if (globals.size >= MAX_GLOBALS) {
        throw refuse(`its pickle refers to more than ${MAX_GLOBALS} names`);
      }
      const global: PickleGlobal = { kind: "global", name };
      globals.set(name, global);
      return global;
    },
  };
};
