import type { QpruneError } from "../../base/errors.js";
import type { ByteCursor } from "./byte-cursor.js";
import { MAX_GLOBALS, MAX_MEMO, MAX_OBJECTS, MAX_STACK } from "./limits.js";
import type { PickleDialect, Spend } from "./pickle-dialect.js";
import type { PickleGlobal, PickleValue } from "./pickle-value.js";

/** The stack of a pickle with its marks, behind which stands what is not complete yet. */
export interface PickleStack<V> {
  readonly push: (value: V) => void;
  readonly pop: () => V;
  /** The uppermost value, which stays. */
  readonly peek: () => V;
  readonly mark: () => void;
  /** Takes all that was pushed since the last mark. */
  readonly popToMark: () => V[];
}

/** An empty stack; `refuse` makes the error for a pickle that pushes too much or takes what is not there. */
export const pickleStack = <V>(refuse: (reason: string) => QpruneError): PickleStack<V> => {
  const values: V[] = [];
  const marks: number[] = [];
  const checkRoom = (): void => {
    if (values.length + marks.length < MAX_STACK) return;
    throw refuse(`its pickle stacks more than ${MAX_STACK} values`);
  };
  const peek = (): V => {
    if (values.length > (marks.at(-1) ?? 0)) return values.at(-1) as V;
    throw refuse("its pickle takes a value where there is none");
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
      if (from === undefined) throw refuse("its pickle closes what it did not open");
      return values.splice(from);
    },
  };
};

/** The state of a pickle that is being interpreted: a stack, a memo, and nothing that recurses. */
export interface PickleMachine<T> extends PickleStack<PickleValue<T>> {
  readonly dialect: PickleDialect<T>;
  readonly cursor: ByteCursor;
  /** Pushes a value that takes memory of its own. */
  readonly pushNew: (value: PickleValue<T>) => void;
  /** Keeps the uppermost value under a number, the next free one where none is given. */
  readonly remember: (index?: number) => void;
  readonly recall: (index: number) => PickleValue<T>;
  readonly spend: Spend;
  /** The one value that stands for a global, however often the pickle refers to it. */
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
    remember: (index = memo.size) => {
      memo.set(index, stack.peek());
      if (memo.size > MAX_MEMO) throw refuse(`its pickle remembers more than ${MAX_MEMO} values`);
    },
    recall: (index) => {
      const value = memo.get(index);
      if (value === undefined) throw refuse("its pickle recalls what it did not remember");
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
