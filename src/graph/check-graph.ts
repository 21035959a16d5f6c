import { QpruneError, type QpruneErrorOptions } from "../base/errors.js";
import { firstProblem } from "../base/first-problem.js";
import { quoted, visibleText } from "../base/visible-text.js";
import { boxOutputProblem } from "./box-output.js";
import { createNodeChecker } from "./check-nodes.js";
import {
  type Graph,
  graphSchema,
  type Node,
  nodeKinds,
  rememberShapes,
  valuesOf,
} from "./graph.js";
import { MAX_NODES } from "./limits.js";

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

/** The first name that occurs again. */
const firstTwice = (names: readonly string[]): string | undefined => {
  const known = new Set<string>();
  return names.find((name) => known.has(name) || !known.add(name));
};

/** Why a graph is not consistent; undefined if it is. */
export const graphProblem = (graph: Graph): string | undefined => {
  const { inputs, nodes, outputs } = graph;
  if (nodes.length > MAX_NODES) return `it has ${nodes.length} nodes (at most ${MAX_NODES})`;
  const twice = firstTwice(nodes.map(({ name }) => name));
  if (twice !== undefined) return `two nodes have the name ${twice}`;
  const checker = createNodeChecker({ inputs, later: nodes.map(({ name }) => name) });
  for (const node of nodes) {
    const problem = checker.add(node);
    if (problem) return `node ${node.name} ${problem}`;
  }
  const missing = outputs.find(({ value }) => !checker.shapes.has(value));
  if (missing) return `its output ${missing.name} is ${missing.value}, which nothing computes`;
  const [unused] = unusedNodes(graph);
  if (unused !== undefined) return `nothing reads the output of node ${unused}`;
  const wrongBoxes = boxOutputProblem(graph, checker.shapes);
  if (wrongBoxes !== undefined) return wrongBoxes;
  rememberShapes(graph, checker.shapes);
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
    return `${where}: there is no kind ${quoted(kind)}; the kinds are ${Object.keys(nodeKinds).join(", ")}`;
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
