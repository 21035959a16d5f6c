import type { Attribute, GraphNode } from "../tfjs/tf-graph.js";

const attributeOf = ({ attr }: GraphNode, name: string): Attribute | undefined =>
  Object.hasOwn(attr, name) ? attr[name] : undefined;

/** A list of integers; empty if there is none. */
export const intsOf = (node: GraphNode, name: string): number[] => {
  const attribute = attributeOf(node, name);
  return attribute && "list" in attribute ? attribute.list.i.map(Number) : [];
};

export const intOf = (node: GraphNode, name: string): number => {
  const attribute = attributeOf(node, name);
  return attribute && "i" in attribute ? Number(attribute.i) : 0;
};

export const floatOf = (node: GraphNode, name: string): number => {
  const attribute = attributeOf(node, name);
  return attribute && "f" in attribute ? attribute.f : 0;
};

export const flagOf = (node: GraphNode, name: string): boolean => {
  const attribute = attributeOf(node, name);
  return attribute !== undefined && "b" in attribute && attribute.b;
};

/** A text, which JSON has in base64. */
export const textOf = (node: GraphNode, name: string): string => {
  const attribute = attributeOf(node, name);
  return attribute && "s" in attribute ? atob(attribute.s) : "";
};

/** The sides of the input of a graph, of which the first counts images. */
export const sidesOf = (node: GraphNode): number[] => {
  const attribute = attributeOf(node, "shape");
  return attribute && "shape" in attribute
    ? attribute.shape.dim.map(({ size }) => Math.max(Number(size), 1))
    : [];
};
