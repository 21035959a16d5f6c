import { usageError } from "../../base/errors.js";
import { nearestName } from "../../base/nearest-name.js";
import { option } from "../../base/option-reference.js";
import { shownNames } from "../../base/shown-names.js";
import { type Graph, shapesOf, type ValueId, valuesOf } from "../../graph/graph.js";
import { graphOf, type NetSpec } from "../../models/net-spec.js";
import { type HintPair, hintPairs } from "../../options/values/hint-list.js";

/** The values by which a net learns from its teacher, pair by pair. */
export interface HintValues {
  readonly own: readonly ValueId[];
  readonly taught: readonly ValueId[];
}

/** The modules of a graph and its nodes, as hints may name them. */
const namesOf = (graph: Graph): readonly string[] => {
  const modules = graph.nodes.flatMap(({ name }) => {
    const parts = name.split(/[./]/);
    return parts.slice(1).map((_, depth) => parts.slice(0, depth + 1).join("."));
  });
  return [...new Set([...modules, ...graph.nodes.map(({ name }) => name)])];
};

/** The output of a node, or of the last node of a module. */
const namedValue = (graph: Graph, name: string, whose: string): ValueId => {
  const isWithin = (node: string): boolean =>
    node === name || node.startsWith(`${name}.`) || node.startsWith(`${name}/`);
  const node = graph.nodes.findLast((each) => isWithin(each.name));
  const value = node && valuesOf(node)[0];
  if (value !== undefined) return value;
  const names = namesOf(graph);
  const near = nearestName(name, names);
  throw usageError(
    `${whose} has no layer or module "${name}".`,
    near ? `Did you mean "${near}"?` : `It has ${shownNames(names)}.`,
  );
};

/** Refuses values whose positions do not correspond. */
const checkPair = (
  { own, taught }: HintPair,
  shapes: readonly (readonly number[] | undefined)[],
): void => {
  const [mine, theirs] = shapes.map((shape) => shape ?? []);
  const isMap = mine?.length === 3 && theirs?.length === 3;
  if (isMap && mine[0] === theirs[0] && mine[1] === theirs[1]) return;
  const text = (shape: readonly number[] = []) => shape.join("x");
  throw usageError(
    `${option("hints")}: ${own} is ${text(mine)} in the net, but ${taught} is ${text(theirs)} in the teacher.`,
    "Hints compare maps of the same height and width; choose other layers.",
  );
};

/**
 * The values that `hints` names in a net and in its teacher.
 * @throws QpruneError (usage) if a name is unknown, or if maps differ in height or width.
 */
export const hintValues = (
  hints: string | undefined,
  spec: NetSpec,
  teacher: NetSpec | undefined,
): HintValues => {
  if (hints === undefined || !teacher) return { own: [], taught: [] };
  const graphs = [graphOf(spec), graphOf(teacher)] as const;
  const [ownShapes, taughtShapes] = graphs.map(shapesOf);
  const pairs = hintPairs(hints).map((hint) => {
    const own = namedValue(graphs[0], hint.own, "The net");
    const taught = namedValue(graphs[1], hint.taught, "The teacher");
    checkPair(hint, [ownShapes?.get(own), taughtShapes?.get(taught)]);
    return { own, taught };
  });
  return { own: pairs.map(({ own }) => own), taught: pairs.map(({ taught }) => taught) };
};
