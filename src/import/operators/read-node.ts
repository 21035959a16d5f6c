import type { Constant } from "./value.js";

/** A node of another program's net with its attributes by name. */
export interface ReadNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly has: (attribute: string) => boolean;
  readonly int: (attribute: string, otherwise: number) => number;
  readonly float: (attribute: string, otherwise: number) => number;
  readonly text: (attribute: string, otherwise: string) => string;
  /** Undefined if the node does not have the attribute. */
  readonly ints: (attribute: string) => readonly number[] | undefined;
  readonly floats: (attribute: string) => readonly number[] | undefined;
  readonly tensor: (attribute: string) => Constant | undefined;
}

/** Attributes by name, as numbers, texts, truth values or lists; a value of another type counts as absent. */
export type PlainAttributes = Readonly<Record<string, unknown>>;

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "number" ? value : undefined;
};

const numbersOf = (value: unknown): number[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const numbers = value.map(numberOf);
  return numbers.every((each) => each !== undefined) ? numbers : undefined;
};

/** A node whose attributes are plain values. */
export const plainNode = (
  node: Pick<ReadNode, "name" | "op" | "inputs" | "outputs">,
  attributes: PlainAttributes = {},
): ReadNode => {
  const given = (name: string): unknown =>
    Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  const number = (name: string, otherwise: number): number => numberOf(given(name)) ?? otherwise;
  const numbers = (name: string): number[] | undefined => numbersOf(given(name));
  return {
    ...node,
    has: (name) => given(name) !== undefined && given(name) !== null,
    int: number,
    float: number,
    text: (name, otherwise) => {
      const value = given(name);
      return typeof value === "string" ? value : otherwise;
    },
    ints: numbers,
    floats: numbers,
    tensor: () => undefined,
  };
};
