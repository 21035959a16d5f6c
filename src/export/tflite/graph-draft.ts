import type { OperatorDraft, TensorDraft } from "../../formats/tflite/encode-tflite.js";
import { tensorBytes, tensorValues, type WeightTensor } from "../tfjs/model-files/weight-tensor.js";

/** The operators of a .tflite file under construction. */
export interface TfliteGraphDraft {
  readonly tensors: readonly TensorDraft[];
  readonly operators: readonly OperatorDraft[];
  /** The number of the tensor of a name: what an operator computed, or a constant, which is added when it is first read. */
  readonly indexOf: (name: string) => number;
  readonly shapeOf: (name: string) => readonly number[];
  readonly constant: (name: string) => WeightTensor;
  /** The numbers of a constant. */
  readonly numbers: (name: string) => number[];
  /** Adds a constant of another name or arrangement, and returns its number. */
  readonly floats: (name: string, shape: readonly number[], values: Float32Array) => number;
  readonly ints: (name: string, values: readonly number[]) => number;
  /** Adds the input of the net. */
  readonly input: (name: string, shape: readonly number[]) => void;
  /** Gives a value another name. */
  readonly alias: (name: string, of: string) => void;
  readonly add: (op: string, request: OperatorRequest) => void;
}

/** An operator to be added. */
export interface OperatorRequest {
  /** The numbers of the tensors that it reads. */
  readonly inputs: readonly number[];
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly type?: "float32" | "bool";
  }[];
  readonly options?: OperatorDraft["options"];
}

const bytesOf = (values: Float32Array | Int32Array): Uint8Array =>
  values instanceof Float32Array
    ? tensorBytes({ name: "", shape: [], kind: "float32", values })
    : tensorBytes({ name: "", shape: [], kind: "int32", values });

export const createTfliteDraft = (weights: readonly WeightTensor[]): TfliteGraphDraft => {
  const tensors: TensorDraft[] = [];
  const operators: OperatorDraft[] = [];
  const places = new Map<string, number>();
  const constants = new Map(weights.map((tensor) => [tensor.name, tensor]));
  const place = (tensor: TensorDraft): number => {
    const known = places.get(tensor.name);
    if (known !== undefined) return known;
    const index = tensors.push(tensor) - 1;
    places.set(tensor.name, index);
    return index;
  };
  const constant = (name: string): WeightTensor => {
    const found = constants.get(name);
    if (!found) throw new Error(`${name} is not a constant`);
    return found;
  };
  const numbersOf = (name: string) => tensorValues(constant(name));
  const indexOf = (name: string): number => {
    const known = places.get(name);
    if (known !== undefined) return known;
    const values = numbersOf(name);
    const type = values instanceof Float32Array ? "float32" : "int32";
    return place({ name, shape: constant(name).shape, type, data: bytesOf(values) });
  };
  return {
    tensors,
    operators,
    indexOf,
    constant,
    numbers: (name) => Array.from(numbersOf(name)),
    shapeOf: (name) => tensors[indexOf(name)]?.shape ?? [],
    floats: (name, shape, values) => place({ name, shape, type: "float32", data: bytesOf(values) }),
    ints: (name, values) =>
      place({
        name,
        shape: [values.length],
        type: "int32",
        data: bytesOf(Int32Array.from(values)),
      }),
    input: (name, shape) => place({ name, shape, type: "float32" }),
    alias: (name, of) => places.set(name, indexOf(of)),
    add: (op, { inputs, outputs, options = {} }) => {
      const computed = outputs.map(({ name, shape, type = "float32" }) =>
        place({ name, shape, type }),
      );
      operators.push({ op, inputs, outputs: computed, options });
    },
  };
};
