import { factsOf, inputShapes, type Node, parametersOf, type ValueId, valuesOf } from "./graph.js";
import { isTrained } from "./kinds/kind.js";
import { MAX_NODES, MAX_PARAMETERS, MAX_VALUES_PER_IMAGE } from "./limits.js";
import { producerName } from "./producers.js";
import { type Shape, sizeOf } from "./shape.js";

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** What a node checker knows before the first node. */
export interface NodeCheckerOptions {
  /** The inputs of the graph. */
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  /** Names of nodes that are still to come, for the message about a node that reads one of them. */
  readonly later?: Iterable<string>;
}

/** Checks the nodes of a graph one by one, in their order. */
export interface NodeChecker {
  /** The shapes of all values so far. */
  readonly shapes: ReadonlyMap<ValueId, Shape>;
  /** Adds a node. Returns the problem with it, as the end of a sentence about the node; undefined if there is none. */
  readonly add: (node: Node) => string | undefined;
}

/** Amounts of a graph up to some node. */
interface Amounts {
  nodes: number;
  parameters: number;
  /** Values of all outputs, for one image. */
  values: number;
}

const amountProblem = ({ nodes, parameters, values }: Amounts): string | undefined => {
  if (nodes > MAX_NODES) return `is node ${nodes} (at most ${MAX_NODES} are possible)`;
  if (parameters > MAX_PARAMETERS)
    return `needs ${parameters} parameters with all before it (at most ${MAX_PARAMETERS})`;
  if (values > MAX_VALUES_PER_IMAGE)
    return `needs ${values} outputs per image with all before it (at most ${MAX_VALUES_PER_IMAGE})`;
  return undefined;
};

/** What is wrong with the values that a node reads; undefined if nothing is. */
const inputProblem = (
  node: Node,
  shapes: ReadonlyMap<ValueId, Shape>,
  later: ReadonlySet<string>,
): string | undefined => {
  const [least, most] = factsOf(node).arity;
  const given = node.inputs.length;
  if (given < least || given > most) {
    const wanted = least === most ? plural(least, "input") : `${least} to ${plural(most, "input")}`;
    return `has ${plural(given, "input")}, but ${node.kind} takes ${wanted}`;
  }
  const missing = node.inputs.find((value) => !shapes.has(value));
  if (missing === undefined) return undefined;
  return later.has(producerName(missing))
    ? `reads ${missing}, which is computed after it (is there a cycle?)`
    : `reads ${missing}, which nothing computes`;
};

/** A checker that computes shapes and amounts node by node, so that limits hold before anything large is built. */
export const createNodeChecker = ({ inputs, later }: NodeCheckerOptions): NodeChecker => {
  const shapes = new Map<ValueId, Shape>(inputs.map(({ name, shape }) => [name, shape]));
  const names = new Set(inputs.map(({ name }) => name));
  const stillToCome = new Set(later);
  const amounts: Amounts = { nodes: 0, parameters: 0, values: 0 };
  const add = (node: Node): string | undefined => {
    if (names.has(node.name)) return "has the name of another node or input";
    const problem = inputProblem(node, shapes, stillToCome);
    if (problem) return problem;
    const read = inputShapes(node, shapes);
    const outputs = factsOf(node).outputShapes(node, read);
    if (typeof outputs === "string") return outputs;
    names.add(node.name);
    stillToCome.delete(node.name);
    amounts.nodes++;
    for (const [index, value] of valuesOf(node).entries()) {
      shapes.set(value, outputs[index] as Shape);
      amounts.values += sizeOf(outputs[index] as Shape);
    }
    for (const parameter of parametersOf({ node, inputs: read, outputs }))
      if (isTrained(parameter)) amounts.parameters += sizeOf(parameter.shape);
    return amountProblem(amounts);
  };
  return { shapes, add };
};
