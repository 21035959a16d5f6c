import type { ValueId } from "../../graph/graph.js";
import { shapesOf } from "../../graph/graph.js";
import type { Model } from "../../graph/model.js";
import type { MapShape, Shape } from "../../graph/shape.js";
import type { Step } from "../../models/executor/steps.js";
import { codesOf } from "./code-format.js";
import {
  FLOATS,
  type Format,
  type PlanStep,
  type PlanValue,
  type Tail,
  type ValueIndex,
} from "./plan.js";

/** The position of a step of the net with its number of readers. */
export interface Reader {
  readonly index: number;
  readonly step: Step;
}

/** A plan under construction. */
export interface Draft {
  readonly model: Model;
  readonly values: readonly Omit<PlanValue, "offset">[];
  readonly steps: readonly PlanStep[];
  readonly shapeOf: (value: ValueId) => MapShape;
  /** The stored value of a value of the graph, as codes or floats. */
  readonly indexOf: (value: ValueId) => ValueIndex;
  readonly formatOf: (value: ValueId) => Format;
  /** The same as floats; codes are turned into floats once. */
  readonly floatsOf: (value: ValueId) => ValueIndex;
  readonly addValue: (value: ValueId, format: Format) => ValueIndex;
  /** Another name for a stored value. */
  readonly alias: (value: ValueId, of: ValueId) => void;
  readonly addStep: (step: PlanStep) => void;
  readonly replaceStep: (at: number, step: PlanStep) => void;
  readonly addTail: (input: ValueId, output: ValueId, tail: Tail) => void;
  /** The only step that reads a value; null if there are several or the value is an output. */
  readonly onlyReader: (value: ValueId) => Reader | null;
  /** Marks a step that became part of an earlier one. */
  readonly markDone: (index: number) => void;
  readonly isDone: (index: number) => boolean;
}

const asMaps = (shape: Shape): MapShape =>
  shape.length === 3 ? (shape as MapShape) : [1, 1, shape[0] as number];

const readersOf = (model: Model, steps: readonly Step[]): ReadonlyMap<ValueId, Reader[]> => {
  const readers = new Map<ValueId, Reader[]>();
  for (const [index, step] of steps.entries())
    for (const value of step.node.inputs) {
      const known = readers.get(value) ?? [];
      readers.set(value, [...known, { index, step }]);
    }
  for (const { value } of model.graph.outputs) readers.set(value, []);
  return readers;
};

/** Starts the plan of a model, whose images are its first value. */
export const createDraft = (model: Model, netSteps: readonly Step[]): Draft => {
  const shapes = shapesOf(model.graph);
  const readers = readersOf(model, netSteps);
  const values: Omit<PlanValue, "offset">[] = [];
  const steps: PlanStep[] = [];
  const stored = new Map<ValueId, ValueIndex>();
  const floats = new Map<ValueIndex, ValueIndex>();
  const done = new Set<number>();
  const shapeOf = (value: ValueId): MapShape => asMaps(shapes.get(value) as Shape);
  const add = (name: string, shape: MapShape, format: Format): ValueIndex => {
    values.push({ name, shape, format });
    return values.length - 1;
  };
  const addValue = (value: ValueId, format: Format): ValueIndex => {
    const index = add(value, shapeOf(value), format);
    stored.set(value, index);
    return index;
  };
  const indexOf = (value: ValueId): ValueIndex => stored.get(value) as ValueIndex;
  const formatOf = (value: ValueId): Format => values[indexOf(value)]?.format ?? FLOATS;
  const floatsOf = (value: ValueId): ValueIndex => {
    const index = indexOf(value);
    if (formatOf(value).kind === "floats") return index;
    const known = floats.get(index);
    if (known !== undefined) return known;
    const output = add(value, shapeOf(value), FLOATS);
    steps.push({ kind: "values", input: index, output });
    floats.set(index, output);
    return output;
  };
  for (const { name } of model.graph.inputs) addValue(name, FLOATS);
  return {
    model,
    values,
    steps,
    shapeOf,
    indexOf,
    formatOf,
    floatsOf,
    addValue,
    alias: (value, of) => stored.set(value, indexOf(of)),
    addStep: (step) => steps.push(step),
    replaceStep: (at, step) => {
      steps[at] = step;
    },
    addTail: (from, to, tail) => {
      const input = floatsOf(from);
      const output = addValue(to, codesOf(tail.activation) ?? FLOATS);
      steps.push({ kind: "tail", input, output, tail });
    },
    onlyReader: (value) => {
      const [first, ...others] = readers.get(value) ?? [];
      return first && others.length === 0 ? first : null;
    },
    markDone: (index) => done.add(index),
    isDone: (index) => done.has(index),
  };
};
