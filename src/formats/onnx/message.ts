/** Types of fields that contain no other message. `packed` is a list of numbers as it is stored. */
interface ScalarTypes {
  readonly int: number;
  readonly float: number;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly packed: Uint8Array;
}

export type ScalarType = keyof ScalarTypes;

/** A field of a message: its number, its type, and whether it repeats. */
export interface Field<T extends ScalarType | Fields = ScalarType | Fields, L = boolean> {
  readonly number: number;
  readonly type: T;
  readonly isList: L;
}

/** The fields of a message by their names; a file may contain others, which are skipped. */
export interface Fields {
  readonly [name: string]: Field;
}

type ValueOf<T> = T extends ScalarType ? ScalarTypes[T] : T extends Fields ? Message<T> : never;

/** A message as plain data: a list is empty and any other field is absent if the file does not contain it. */
export type Message<F extends Fields> = {
  readonly [K in keyof F as F[K]["isList"] extends true ? K : never]: readonly ValueOf<
    F[K]["type"]
  >[];
} & {
  readonly [K in keyof F as F[K]["isList"] extends true ? never : K]?:
    | ValueOf<F[K]["type"]>
    | undefined;
};

export const one = <const T extends ScalarType | Fields>(
  number: number,
  type: T,
): Field<T, false> => ({ number, type, isList: false });

export const list = <const T extends ScalarType | Fields>(
  number: number,
  type: T,
): Field<T, true> => ({ number, type, isList: true });
