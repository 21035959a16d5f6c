import type {
  OperatorDraft,
  QuantizationDraft,
  TensorDraft,
} from "../../../formats/tflite/encode-tflite.js";
import { isMaps, type Shape } from "../../../graph/shape.js";
import type { IntegerGrid, IntegerValue } from "../../../integer/integer-plan.js";

/** What is added of a tensor besides its name. */
type TensorRequest = Omit<TensorDraft, "name">;

/** The tensors and operators of an int8 file under construction. All values are [1, height, width, channels]. */
export interface Int8Draft {
  readonly tensors: readonly TensorDraft[];
  readonly operators: readonly OperatorDraft[];
  /** The number of the tensor of a value that was computed. */
  readonly indexOf: (name: string) => number;
  /** Adds a tensor, and returns its number. A name that is taken gets a suffix. */
  readonly tensor: (name: string, request: TensorRequest) => number;
  /** Adds a constant of int32. */
  readonly ints: (name: string, values: readonly number[], shape?: readonly number[]) => number;
  /** Adds a tensor for codes, under the name of their value. */
  readonly value: (value: IntegerValue) => number;
  /** Gives a tensor the name of another value. */
  readonly alias: (name: string, index: number) => void;
  readonly add: (operator: OperatorDraft) => void;
}

/** The sides of a value as maps of one image; a vector is one of 1x1. */
export const sidesOf = (shape: Shape): [number, number, number, number] =>
  isMaps(shape) ? [1, ...shape] : [1, 1, 1, shape[0] as number];

/** How the codes of a grid stand for numbers. */
export const quantizationOf = ({ scale, zero }: IntegerGrid): QuantizationDraft => ({
  scale: [scale],
  zeroPoint: [zero],
  axis: 0,
});

/** Bytes of numbers that are little-endian, as all supported machines store them. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

/** The largest and the least code of int8. */
export const INT8 = { least: -128, most: 127 } as const;

export const createInt8Draft = (): Int8Draft => {
  const tensors: TensorDraft[] = [];
  const operators: OperatorDraft[] = [];
  const places = new Map<string, number>();
  const tensor = (name: string, request: TensorRequest): number => {
    let own = name;
    for (let copy = 1; places.has(own); copy++) own = `${name}:${copy}`;
    const index = tensors.push({ name: own, ...request }) - 1;
    places.set(own, index);
    return index;
  };
  return {
    tensors,
    operators,
    tensor,
    indexOf: (name) => {
      const index = places.get(name);
      if (index === undefined) throw new Error(`${name} was not computed`);
      return index;
    },
    ints: (name, values, shape = [values.length]) =>
      tensor(name, { shape, type: "int32", data: bytesOf(Int32Array.from(values)) }),
    value: ({ name, shape, grid }) =>
      tensor(name, { shape: sidesOf(shape), type: "int8", quantization: quantizationOf(grid) }),
    alias: (name, index) => places.set(name, index),
    add: (operator) => operators.push(operator),
  };
};
