import type { WeightTensor } from "./model-files/weight-tensor.js";

/** TensorFlow's names for the dtypes of a graph's tensors. */
export type GraphType = "DT_FLOAT" | "DT_INT32" | "DT_BOOL";

interface GraphShape {
  readonly dim: readonly { readonly size: string }[];
}

/** An attribute of a node: TensorFlow's AttrValue as JSON, with 64-bit integers and text as strings. */
export type Attribute =
  | { readonly type: GraphType }
  | { readonly i: string }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly shape: GraphShape }
  | { readonly tensor: { readonly dtype: GraphType; readonly tensorShape: GraphShape } }
  | { readonly list: { readonly i: readonly string[] } };

export const typeAttribute = (type: GraphType): Attribute => ({ type });

export const intAttribute = (value: number): Attribute => ({ i: String(value) });

export const floatAttribute = (value: number): Attribute => ({ f: value });

export const flagAttribute = (value: boolean): Attribute => ({ b: value });

/** TensorFlow treats text as bytes, which JSON stores as base64. */
export const textAttribute = (text: string): Attribute => ({ s: btoa(text) });

export const intsAttribute = (values: readonly number[]): Attribute => ({
  list: { i: values.map(String) },
});

/** A shape; -1 means any size. */
export const graphShape = (sizes: readonly number[]): GraphShape => ({
  dim: sizes.map((size) => ({ size: String(size) })),
});

/** A node of a graph: a TensorFlow op, its inputs by name (`name:1` is a second output), and its attributes. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** A graph's nodes, each after its inputs, and the tensors of its Const nodes. */
export interface TfGraph {
  readonly nodes: readonly GraphNode[];
  readonly weights: readonly WeightTensor[];
}

/** A graph under construction. */
export interface TfGraphBuilder extends TfGraph {
  /** Adds a node, by default with float32 as its only attribute, and returns its name. */
  readonly add: (
    op: string,
    name: string,
    input: readonly string[],
    attr?: GraphNode["attr"],
  ) => string;
  /** Adds a Const node unless one of this name exists, and returns its name. */
  readonly constant: (tensor: WeightTensor) => string;
  /** The Const node of a scalar. */
  readonly scalar: (value: number) => string;
  /** The Const node of integers: axes, shapes, paddings. */
  readonly ints: (name: string, values: readonly number[], shape?: readonly number[]) => string;
}

/** Attributes that many nodes share. */
export const FLOAT = typeAttribute("DT_FLOAT");
export const INT = typeAttribute("DT_INT32");

export const createGraph = (): TfGraphBuilder => {
  const nodes: GraphNode[] = [];
  const weights: WeightTensor[] = [];
  const add: TfGraphBuilder["add"] = (op, name, input, attr = { T: FLOAT }) => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const constant: TfGraphBuilder["constant"] = (tensor) => {
    const { name, shape, kind } = tensor;
    if (weights.some((weight) => weight.name === name)) return name;
    const dtype = kind === "int32" ? "DT_INT32" : "DT_FLOAT";
    const value = { tensor: { dtype, tensorShape: graphShape(shape) } } as const;
    weights.push(tensor);
    return add("Const", name, [], { dtype: typeAttribute(dtype), value });
  };
  return {
    nodes,
    weights,
    add,
    constant,
    scalar: (value) =>
      constant({
        name: `constants/${value}`,
        shape: [],
        kind: "float32",
        values: Float32Array.of(value),
      }),
    ints: (name, values, shape = [values.length]) =>
      constant({
        name: `constants/${name}`,
        shape,
        kind: "int32",
        values: Int32Array.from(values),
      }),
  };
};
