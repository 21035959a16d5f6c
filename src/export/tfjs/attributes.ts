/** Types of a graph's tensors, as TensorFlow calls them. */
export type GraphType = "DT_FLOAT" | "DT_INT32" | "DT_BOOL";

interface GraphShape {
  readonly dim: readonly { readonly size: string }[];
}

/** An attribute of a graph's node: TensorFlow's AttrValue as JSON, 64-bit integers and text as strings. */
export type Attribute =
  | { readonly type: GraphType }
  | { readonly i: string }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly shape: GraphShape }
  | { readonly tensor: { readonly dtype: GraphType; readonly tensorShape: GraphShape } }
  | { readonly list: { readonly i: readonly string[] } };

export const typeAttribute = (type: GraphType): Attribute => ({ type });

export const intAttribute = (value: number): Attribute => ({ i: String(value) });

export const flagAttribute = (value: boolean): Attribute => ({ b: value });

/** Text is bytes to TensorFlow, and bytes are base64 in JSON. */
export const textAttribute = (text: string): Attribute => ({ s: btoa(text) });

export const intsAttribute = (values: readonly number[]): Attribute => ({
  list: { i: values.map(String) },
});

/** A shape; -1 is any size. */
export const graphShape = (sizes: readonly number[]): GraphShape => ({
  dim: sizes.map((size) => ({ size: String(size) })),
});
