import { QpruneError, type QpruneErrorOptions } from "../base/errors.js";
import { firstProblem } from "../base/first-problem.js";
import { visibleText } from "../base/visible-text.js";
import {
  factsOf,
  type Graph,
  graphSchema,
  inputShapes,
  type Node,
  nodeKinds,
  parametersOf,
  rememberShapes,
  type ValueId,
  valuesOf,
} from "./graph.js";
import { isTrained } from "./kinds/kind.js";
import { MAX_NODES, MAX_OUTPUTS_PER_IMAGE, MAX_PARAMETERS } from "./limits.js";
import { type Shape, sizeOf } from "./shape.js";

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

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
  return later.has(missing.split(":")[0] as string)
    ? `reads ${missing}, which is computed after it (is there a cycle?)`
    : `reads ${missing}, which nothing computes`;
};

/** Amounts of a graph up to some node. */
interface Amounts {
  parameters: number;
  /** Values of all outputs, for one image. */
  outputs: number;
}

const amountProblem = ({ parameters, outputs }: Amounts): string | undefined => {
  if (parameters > MAX_PARAMETERS)
    return `needs ${parameters} parameters with all before it (at most ${MAX_PARAMETERS})`;
  if (outputs > MAX_OUTPUTS_PER_IMAGE)
    return `needs ${outputs} outputs per image with all before it (at most ${MAX_OUTPUTS_PER_IMAGE})`;
  return undefined;
};

/** Computes the shapes of a node's outputs into `shapes`. Returns the problem with the node, if there is one. */
const addNode = (
  node: Node,
  shapes: Map<ValueId, Shape>,
  later: ReadonlySet<string>,
  amounts: Amounts,
): string | undefined => {
  const problem = inputProblem(node, shapes, later);
  if (problem) return problem;
  const inputs = inputShapes(node, shapes);
  const outputs = factsOf(node).outputShapes(node, inputs);
  if (typeof outputs === "string") return outputs;
  for (const [index, value] of valuesOf(node).entries()) {
    if (shapes.has(value)) return "has the name of another node or input";
    shapes.set(value, outputs[index] as Shape);
    amounts.outputs += sizeOf(outputs[index] as Shape);
  }
  for (const parameter of parametersOf({ node, inputs, outputs })) {
    if (isTrained(parameter)) amounts.parameters += sizeOf(parameter.shape);
  }
  return amountProblem(amounts);
};

/** Names of nodes whose outputs nothing reads. */
const unusedNodes = ({ nodes, outputs }: Graph): string[] => {
  const read = new Set([
    ...nodes.flatMap(({ inputs }) => inputs),
    ...outputs.map(({ value }) => value),
  ]);
  return nodes
    .filter((node) => !valuesOf(node).some((value) => read.has(value)))
    .map(({ name }) => name);
};

/** Why a graph is not consistent; undefined if it is. */
export const graphProblem = (graph: Graph): string | undefined => {
  const { inputs, nodes, outputs } = graph;
  if (nodes.length > MAX_NODES) return `it has ${nodes.length} nodes (at most ${MAX_NODES})`;
  const shapes = new Map<ValueId, Shape>(inputs.map(({ name, shape }) => [name, shape]));
  const later = new Set(nodes.map(({ name }) => name));
  if (later.size < nodes.length) {
    const twice = nodes.find(({ name }, at) => nodes.findIndex((each) => each.name === name) < at);
    return `two nodes have the name ${twice?.name}`;
  }
  const amounts: Amounts = { parameters: 0, outputs: 0 };
  for (const node of nodes) {
    const problem = addNode(node, shapes, later, amounts);
    if (problem) return `node ${node.name} ${problem}`;
    later.delete(node.name);
  }
  const missing = outputs.find(({ value }) => !shapes.has(value));
  if (missing) return `its output ${missing.name} is ${missing.value}, which nothing computes`;
  const [unused] = unusedNodes(graph);
  if (unused !== undefined) return `nothing reads the output of node ${unused}`;
  rememberShapes(graph, shapes);
  return undefined;
};

const DAMAGED = { hint: "Use another copy of the file, or correct the graph." };

/**
 * Checks that a graph is consistent, before anything is allocated for it.
 * @param where whose graph it is, for the message
 * @throws QpruneError with the given options that names the node and the reason.
 */
export const checkGraph = (
  graph: Graph,
  where: string,
  options: QpruneErrorOptions = DAMAGED,
): void => {
  const problem = graphProblem(graph);
  if (problem === undefined) return;
  throw new QpruneError(`${where}: the net is not consistent: ${visibleText(problem)}.`, options);
};

/** What a value from outside has as its kind, if it is an object with a text as its kind. */
const kindOf = (raw: unknown): string | undefined => {
  if (typeof raw !== "object" || raw === null || !("kind" in raw)) return undefined;
  return typeof raw.kind === "string" ? raw.kind : undefined;
};

/** Why a node from outside is no node; its parsed form if it is one. */
const parsedNode = (raw: unknown, index: number): Node | string => {
  const kind = kindOf(raw);
  const where = `nodes.${index}`;
  if (kind === undefined) return `${where} has no kind`;
  if (!Object.hasOwn(nodeKinds, kind)) {
    return `${where}: there is no kind ${visibleText(JSON.stringify(kind))}; the kinds are ${Object.keys(nodeKinds).join(", ")}`;
  }
  const parsed = nodeKinds[kind as keyof typeof nodeKinds].schema.safeParse(raw);
  return parsed.success ? parsed.data : `${where}.${firstProblem(parsed.error, kind)}`;
};

/** Parses a graph from outside without checking whether it is consistent. Returns the first problem as text. */
export const parseGraph = (raw: unknown): Graph | string => {
  const frame = graphSchema.safeParse(raw);
  if (!frame.success) return firstProblem(frame.error, "the graph");
  const { nodes, ...rest } = frame.data;
  if (nodes.length > MAX_NODES)
    return `nodes: at most ${MAX_NODES} are possible, not ${nodes.length}`;
  const parsed: Node[] = [];
  for (const [index, node] of nodes.entries()) {
    const result = parsedNode(node, index);
    if (typeof result === "string") return result;
    parsed.push(result);
  }
  return { ...rest, nodes: parsed };
};

/**
 * Parses and checks a graph from outside.
 * @param where whose graph it is, for the message
 * @throws QpruneError that names the first wrong field or node, and the reason.
 */
export const readGraph = (
  raw: unknown,
  where: string,
  options: QpruneErrorOptions = DAMAGED,
): Graph => {
  const graph = parseGraph(raw);
  if (typeof graph === "string") {
    throw new QpruneError(`${where}: the graph is not valid (${graph}).`, options);
  }
  checkGraph(graph, where, options);
  return graph;
};
