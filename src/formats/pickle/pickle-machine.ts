import type { ByteCursor } from "./byte-cursor.js";
import { MAX_MEMO, MAX_OBJECTS, MAX_STACK } from "./limits.js";
import type { PickleDialect } from "./pickle-dialect.js";
import type { PickleValue } from "./pickle-value.js";

/** The state of a pickle that is being interpreted: a stack, a memo, and nothing that recurses. */
export interface PickleMachine<T> {
  readonly dialect: PickleDialect<T>;
  readonly cursor: ByteCursor;
  readonly push: (value: PickleValue<T>) => void;
  /** Pushes a value that takes memory of its own. */
  readonly pushNew: (value: PickleValue<T>) => void;
  readonly pop: () => PickleValue<T>;
  /** The uppermost value, which stays. */
  readonly peek: () => PickleValue<T>;
  readonly mark: () => void;
  /** Takes all that was pushed since the last mark. */
  readonly popToMark: () => PickleValue<T>[];
  readonly remember: (index?: number) => void;
  readonly recall: (index: number) => PickleValue<T>;
  readonly spend: (objects: number) => void;
}

/** A machine that reads its opcodes from a cursor. */
export const pickleMachine = <T>(
  cursor: ByteCursor,
  dialect: PickleDialect<T>,
): PickleMachine<T> => {
  const { refuse } = dialect;
  const stack: PickleValue<T>[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PickleValue<T>>();
  let objects = 0;
  const spend = (count: number): void => {
    objects += count;
    if (objects > MAX_OBJECTS) throw refuse(`its pickle has more than ${MAX_OBJECTS} objects`);
  };
  const push = (value: PickleValue<T>): void => {
    if (stack.length + marks.length >= MAX_STACK) {
      throw refuse(`its pickle stacks more than ${MAX_STACK} values`);
    }
    stack.push(value);
  };
  // Values below the last mark belong to what is not complete yet.
  const floor = (): number => marks.at(-1) ?? 0;
  const peek = (): PickleValue<T> => {
    if (stack.length <= floor()) throw refuse("its pickle takes a value where there is none");
    return stack.at(-1) as PickleValue<T>;
  };
  return {
    dialect,
    cursor,
    push,
    pushNew: (value) => {
      spend(1);
      push(value);
    },
    pop: () => {
      const value = peek();
      stack.pop();
      return value;
    },
    peek,
    mark: () => {
      if (stack.length + marks.length >= MAX_STACK) {
        throw refuse(`its pickle stacks more than ${MAX_STACK} values`);
      }
      marks.push(stack.length);
    },
    popToMark: () => {
      const from = marks.pop();
      if (from === undefined) throw refuse("its pickle closes what it did not open");
      return stack.splice(from);
    },
    remember: (index = memo.size) => {
      memo.set(index, peek());
      if (memo.size > MAX_MEMO) throw refuse(`its pickle remembers more than ${MAX_MEMO} values`);
    },
    recall: (index) => {
      const value = memo.get(index);
      if (value === undefined) throw refuse("its pickle recalls what it did not remember");
      return value;
    },
    spend,
  };
};
