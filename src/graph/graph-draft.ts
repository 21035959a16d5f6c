import { QpruneError, type QpruneErrorOptions } from "../base/errors.js";
import { visibleText } from "../base/visible-text.js";
import { checkGraph } from "./check-graph.js";
import { createNodeChecker } from "./check-nodes.js";
import {
  type BoxOutput,
  type Graph,
  type Node,
  type NodeKind,
  type ValueId,
  valuesOf,
} from "./graph.js";
import { completeNode, type NodeOptions } from "./node-defaults.js";
import type { Shape } from "./shape.js";

/** The name of the input of every classifier. */
export const IMAGES = "images";
/** The name of the output of every classifier. */
export const LOGITS = "logits";

/** The images that a net takes. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A node to be added. */
export interface NodeRequest<K extends NodeKind> {
  readonly inputs: readonly ValueId[];
  readonly options: NodeOptions[K];
  /** Without one, the node gets a name from its kind and a number. */
  readonly name?: string | undefined;
}

export interface DraftOptions {
  /** Whose graph it is, for messages. */
  readonly where?: string;
  /** Options of the errors of nodes that do not fit. */
  readonly error?: QpruneErrorOptions;
  /** Names that are given to nodes later, which no other node gets. */
  readonly laterNames?: Iterable<string>;
  /** The first nodes, as those of a graph that is to be extended. */
  readonly start?: readonly Node[];
}

/** A graph under construction. */
export interface GraphDraft {
  /** The shape of a value so far. */
  readonly shapeOf: (value: ValueId) => Shape;
  /** Adds a node, within a module if its name is not empty, and returns its outputs. */
  readonly add: <K extends NodeKind>(
    kind: K,
    module: string,
    request: NodeRequest<K>,
  ) => readonly ValueId[];
  /** Checks the whole graph, whose output is `value`; that of a detector describes boxes. */
  readonly finish: (value: ValueId, boxes?: BoxOutput) => Graph;
}

/** Numbers names that nobody has given: `add1`, `relu6_1` (after a digit), or `layer1.0/relu1` within a module. */
const createNamer = (taken: ReadonlySet<string>) => {
  const last = new Map<string, number>();
  return (module: string, word: string): string => {
    const numbered = /\d$/.test(word) ? `${word}_` : word;
    const stem = module === "" ? numbered : `${module}/${numbered}`;
    let number = (last.get(stem) ?? 0) + 1;
    while (taken.has(`${stem}${number}`)) number++;
    last.set(stem, number);
    return `${stem}${number}`;
  };
};

/** A draft of a graph that takes images. */
export const createDraft = (
  { height, width, channels }: ImageShape,
  { where = "The graph", error = {}, laterNames = [], start = [] }: DraftOptions,
): GraphDraft => {
  const inputs = [{ name: IMAGES, shape: [height, width, channels] as const }];
  const nodes: Node[] = [];
  const checker = createNodeChecker({ inputs, later: laterNames });
  const taken = [IMAGES, ...laterNames, ...start.map(({ name }) => name)];
  const nextName = createNamer(new Set(taken));
  const push = (node: Node): void => {
    const problem = checker.add(node);
    if (problem !== undefined) {
      const text = visibleText(`node ${node.name} ${problem}`);
      throw new QpruneError(`${where}: the net is not consistent: ${text}.`, error);
    }
    nodes.push(node);
  };
  for (const node of start) push(node);
  const nameOf = (module: string, word: string, name: string | undefined): string => {
    if (name === undefined) return nextName(module, word);
    return module === "" ? name : `${module}.${name}`;
  };
  return {
    shapeOf: (value) => {
      const shape = checker.shapes.get(value);
      if (!shape) throw new Error(`nothing computes ${value}`);
      return shape;
    },
    add: (kind, module, { name, inputs: read, options }) => {
      const word = "function" in options && kind === "activation" ? options.function : kind;
      const node = completeNode(kind, {
        name: nameOf(module, word, name),
        inputs: read,
        shapes: read.flatMap((value) => [checker.shapes.get(value) ?? []]),
        options,
      });
      push(node);
      return valuesOf(node);
    },
    finish: (value, boxes) => {
      const graph = { inputs, nodes, outputs: [{ name: LOGITS, value, ...(boxes && { boxes }) }] };
      checkGraph(graph, where, error);
      return graph;
    },
  };
};
