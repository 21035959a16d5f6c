import { createNodeChecker } from "../graph/check-nodes.js";
import type { Graph, Node, NodeKind, ValueId } from "../graph/graph.js";
import { valuesOf } from "../graph/graph.js";
import { IMAGES, type ImageShape } from "../graph/graph-draft.js";
import type { FloatTensor } from "../graph/model.js";
import { completeNode, type NodeOptions } from "../graph/node-defaults.js";
import type { Shape } from "../graph/shape.js";
import { Unsupported } from "./unsupported.js";

/** A node to be added, with its tensors by their suffixes. */
export interface DraftRequest<K extends NodeKind> {
  /** The name to give it; another node's name gets a number. */
  readonly name: string;
  readonly inputs: readonly ValueId[];
  readonly options: NodeOptions[K];
  readonly tensors?: Readonly<Record<string, FloatTensor | undefined>>;
}

/** A graph with its tensors, while it is imported. */
export interface ModelDraft {
  readonly inputs: Graph["inputs"];
  readonly nodes: readonly Node[];
  readonly weights: ReadonlyMap<string, FloatTensor>;
  readonly shapeOf: (value: ValueId) => Shape;
  /**
   * Adds a node and returns its outputs.
   * @throws Unsupported if it does not fit the values that it reads.
   */
  readonly add: <K extends NodeKind>(kind: K, request: DraftRequest<K>) => readonly ValueId[];
}

const MAX_NAME_LENGTH = 180;

/** A name as graphs allow it: letters, digits, and characters of _ . / - */
const allowedName = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9_./-]+/g, "_")
    .replace(/^[./]+/, "")
    .slice(-MAX_NAME_LENGTH);

const createNamer = () => {
  const taken = new Set<string>([IMAGES]);
  const numbers = new Map<string, number>();
  return (wanted: string, kind: string): string => {
    const stem = allowedName(wanted) || kind;
    let name = stem;
    let number = numbers.get(stem) ?? 1;
    while (taken.has(name)) name = `${stem}_${++number}`;
    numbers.set(stem, number);
    taken.add(name);
    return name;
  };
};

/** An empty draft of a net that takes images. */
export const createModelDraft = ({ height, width, channels }: ImageShape): ModelDraft => {
  const inputs = [{ name: IMAGES, shape: [height, width, channels] as const }];
  const nodes: Node[] = [];
  const weights = new Map<string, FloatTensor>();
  const checker = createNodeChecker({ inputs });
  const nameOf = createNamer();
  const shapeOf = (value: ValueId): Shape => {
    const shape = checker.shapes.get(value);
    if (!shape) throw new Error(`nothing computes ${value}`);
    return shape;
  };
  return {
    inputs,
    nodes,
    weights,
    shapeOf,
    add: (kind, { name, inputs: read, options, tensors = {} }) => {
      const node = completeNode(kind, {
        name: nameOf(name, kind),
        inputs: read,
        shapes: read.map(shapeOf),
        options,
      });
      const problem = checker.add(node);
      if (problem !== undefined) throw new Unsupported(problem);
      nodes.push(node);
      for (const [suffix, tensor] of Object.entries(tensors))
        if (tensor) weights.set(`${node.name}.${suffix}`, tensor);
      return valuesOf(node);
    },
  };
};
