import type { NodeKind, ValueId } from "../../graph/graph.js";
import type { Shape } from "../../graph/shape.js";
import type { DraftRequest, ModelDraft } from "../draft.js";
import { Unsupported } from "../unsupported.js";
import type { FoldBudget } from "./constants/fold-budget.js";
import type { ReadNode } from "./read-node.js";
import { dimsOf, plainView, type Rearrangement, rearrangementOf } from "./strided-view.js";
import { type Computed, type Constant, computed, type Value } from "./value.js";

/** A node with an operator of ONNX that is to become nodes of a net. */
export interface OpCall {
  readonly node: ReadNode;
  /** Absent inputs are undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly draft: ModelDraft;
  /** The number of images in the shapes of the file. */
  readonly batch: number;
  /** The version of the operators. */
  readonly opset: number;
  /** What may still be computed from constants. */
  readonly budget: FoldBudget;
  /** The values that views became, so that a view which is read twice is rearranged once. */
  readonly arranged: Map<string, ValueId>;
}

/** Turns a node into nodes of a net, and returns its outputs. @throws Unsupported if graphs have no such node. */
export type Convert = (call: OpCall) => readonly Value[];

/** A value of the graph with its shape. */
export interface Resolved {
  readonly value: ValueId;
  readonly shape: Shape;
}

/** The dimensions of a value. */
export const dimsOfValue = (value: Value): readonly number[] =>
  value.kind === "constant" ? value.dims : dimsOf(value);

export const inputOf = ({ inputs }: OpCall, index: number): Value => {
  const input = inputs[index];
  if (input) return input;
  throw new Unsupported(`lacks its input ${index + 1}`);
};

/** An input that the net computes. */
export const computedInput = (call: OpCall, index: number): Computed => {
  const input = inputOf(call, index);
  if (input.kind === "computed") return input;
  throw new Unsupported(`has a constant as its input ${index + 1}`);
};

/** An input of known numbers. */
export const constantInput = (call: OpCall, index: number): Constant => {
  const input = inputOf(call, index);
  if (input.kind === "constant") return input;
  throw new Unsupported(`has a computed value as its input ${index + 1}`);
};

export const optionalConstant = (call: OpCall, index: number): Constant | undefined =>
  call.inputs[index] === undefined ? undefined : constantInput(call, index);

/** The name of a node without the slash with which exporters start paths of modules. */
export const nodeNameOf = ({ node }: OpCall): string => node.name.replace(/^\/+/, "");

/** Adds a node that is named after the call's node, and returns its outputs. */
export const addNode = <K extends NodeKind>(
  call: OpCall,
  kind: K,
  request: Omit<DraftRequest<K>, "name"> & { readonly name?: string },
): readonly ValueId[] => call.draft.add(kind, { name: nodeNameOf(call), ...request });

/** Adds the node that rearranges the base of a view. */
const addRearrangement = (
  call: OpCall,
  base: ValueId,
  arrangement: Exclude<Rearrangement, { readonly kind: "none" }>,
): readonly ValueId[] => {
  const own = (kind: "shuffle" | "flatten" | "reshape"): string => `${nodeNameOf(call)}/${kind}`;
  const inputs = [base];
  if (arrangement.kind === "shuffle") {
    const { groups } = arrangement;
    return addNode(call, "shuffle", { name: own("shuffle"), inputs, options: { groups } });
  }
  const { shape } = arrangement;
  if (shape.length === 1)
    return addNode(call, "flatten", { name: own("flatten"), inputs, options: {} });
  const options = { shape: shape as [number, number, number] };
  return addNode(call, "reshape", { name: own("reshape"), inputs, options });
};

/** A value of the graph as maps or a vector; a view gets the node that rearranges it. */
export const resolve = (call: OpCall, view: Computed): Resolved => {
  const { base, shape, axes } = view;
  const arrangement = rearrangementOf(view, call.batch);
  if (arrangement.kind === "none") return { value: base, shape };
  const key = JSON.stringify([base, axes]);
  const value = call.arranged.get(key) ?? (addRearrangement(call, base, arrangement)[0] as ValueId);
  call.arranged.set(key, value);
  return { value, shape: call.draft.shapeOf(value) };
};

/** The resolved input, which must be maps. */
export const mapsInput = (call: OpCall, index = 0): Resolved => {
  const input = computedInput(call, index);
  if (input.axes.length !== 4)
    throw new Unsupported(`reads a value with ${input.axes.length} axes, not feature maps`);
  return resolve(call, input);
};

/** Values of the graph as they are. */
export const plain = (call: OpCall, values: readonly ValueId[]): Value[] =>
  values.map((value) => computed(plainView(value, call.draft.shapeOf(value), call.batch)));
