import type { QpruneError } from "../../base/errors.js";
import { MAX_STACK } from "./limits.js";

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
